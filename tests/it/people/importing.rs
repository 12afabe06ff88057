//! Files of people: their columns, their encodings, and how they are taken over.

use practice_points::app::import_subscribers;
use practice_points::domain::staff_member::StaffRole;
use practice_points::store::import_runs;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;

use super::{bring, done, file_of, texts};

on_both_databases! {
    async fn columns_are_guessed_shown_with_values_and_changed(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let file = "Kontakt;Vorname;Surname;Clinic;Fax\n\
                    hemi@practice.example;Hēmi;Sample;Tāmaki Practice;09 555 0100\n\
                    mere@practice.example;Mere;Sample;Tāmaki Practice;\n";
        let report = bring(&app, file.as_bytes(), "dry-run").await.expect(303).location().to_owned();
        let page = app.get(&report).await.expect(200);
        assert_eq!(texts(&page, "#columns tbody th"), ["Kontakt", "Vorname", "Surname", "Clinic", "Fax"]);
        assert_eq!(texts(&page, "#columns option[selected]"), ["E-mail address", "Last name", "Practice"]);
        assert!(page.text("#columns tbody").contains("hemi@practice.example · mere@practice.example"));

        let chosen = |columns: [&'static str; 5]| columns.map(|column| ("column", column));
        let path = format!("{report}/columns");
        for wrong in [["", "name", "", "", ""], ["email", "name", "name", "", ""]] {
            let page = app.post_form(&path, &chosen(wrong)).await.expect(422);
            assert!(!page.text("#columns-error").is_empty(), "{wrong:?}");
        }
        app.post_form(&path, &chosen(["", "email", "", "", ""])).await.expect(303);
        assert!(app.get(&report).await.text(".counts").contains("Refused 2"), "a first name is no address");
        app.post_form(&path, &chosen(["email", "first_name", "last_name", "", "practice"])).await.expect(303);
        assert_eq!(app.count("subscriber").await, 0, "nothing is changed by that");

        let page = app.get(&report).await.text("#columns");
        assert!(page.contains("1 of 5 columns is left out: Clinic.") && page.contains("Import now"), "{page}");
        let unchecked = app.post_form(&report, &chosen(["email", "", "", "", "practice"])).await.expect(422);
        assert!(unchecked.text("#columns-error").contains("check again"));

        app.post_form(&report, &chosen(["email", "first_name", "last_name", "", "practice"])).await.expect(303);
        let hemi = app.subscriber("hemi@practice.example").await;
        assert_eq!((hemi.name.as_str(), hemi.practice.as_deref()), ("Hēmi Sample", Some("09 555 0100")));
        app.post_form(&path, &chosen(["email", "", "", "", ""])).await.expect(409);
        app.post_form(&report, &[]).await.expect(409);
    }

    async fn a_refused_line_is_told_with_all_that_is_wrong(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let file = "email,name,region,role\nlucy@practice.example,Lucy Sample,Narnia,Wizard\n";
        let report = bring(&app, file.as_bytes(), "dry-run").await.expect(303).location().to_owned();
        let page = app.get(&report).await.expect(200);
        let told = page.text("#refused tbody");
        assert!(told.contains("“Narnia” is not a region here.") && told.contains("“Wizard” is not a role here."), "{told}");
        assert!(page.text("main").contains("1 line is refused, and listed below."));
    }

    async fn what_excel_saves_is_read(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let windows = b"email;name\r\njose@practice.example;Jos\xE9 O\x92Brien\r\n";
        let unicode: Vec<u8> = "\u{feff}email\tname\r\nhemi@practice.example\tHēmi Sample\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let marked = "\u{feff}email,name\r\nmere@practice.example,Mēre Sample\r\n".as_bytes();
        for file in [&windows[..], &unicode, marked] {
            bring(&app, file, "commit").await.expect(303);
        }
        for (email, name) in [("jose", "José O’Brien"), ("hemi", "Hēmi Sample"), ("mere", "Mēre Sample")] {
            assert_eq!(app.subscriber(&format!("{email}@practice.example")).await.name, name);
        }
    }

    async fn a_long_file_goes_on_in_the_background_and_its_page_says_how_far_it_is(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let file = format!("{}no address,,,,\n", file_of(1_200));
        let report = bring(&app, file.as_bytes(), "commit").await.expect(303).location().to_owned();
        let page = done(&app, &report).await;
        assert_eq!(texts(&page, ".counts div"), ["Lines read 1,201", "Added 1,200", "Known already 0", "Refused 1"]);
        assert_eq!(app.count("subscriber").await, 1_200);
        assert_eq!(app.count("consent_event").await, 1_200);
        let refused = app.get(&format!("{report}/refused.csv")).await.expect(200);
        let line = refused.body.lines().nth(1).unwrap().to_owned();
        assert!(line.starts_with("1202,") && line.ends_with(",no address,,,,"), "{line}");
        // What stood in it is let go of after a day; the reason stays.
        let later = app.app.now();
        app.app.store.write(move |db| {
            let later = practice_points::clock::Timestamp::from_millis(later.as_millis() + 1);
            import_runs::drop_stale_files(db, later)
        }).await.unwrap();
        let refused = app.get(&format!("{report}/refused.csv")).await.expect(200);
        assert_eq!(refused.body.lines().next().unwrap(), "line,reason");
        assert!(refused.body.contains("1202,") && !refused.body.contains(",no address,"), "{}", refused.body);
    }

    async fn what_a_killed_program_had_begun_is_gone_on_with_and_nobody_is_added_twice(app: TestApp) {
        app.sign_in_as(StaffRole::Publisher).await;
        let by = app.add_staff("second@clinic.example", StaffRole::Publisher).await;
        let file = file_of(700);
        let report = bring(&app, file.as_bytes(), "dry-run").await.expect(303).location().to_owned();
        let run: i64 = report.rsplit('/').next().unwrap().parse().unwrap();
        // As if it had ended right after it was begun, with somebody else on the list meanwhile.
        let now = app.app.now();
        app.app.store.write(move |db| import_runs::start(db, run, by, now)).await.unwrap();
        app.subscribe("p0005@practice.example").await;
        assert!(app.get(&report).await.text("#progress").contains("0 of 700 lines"));
        import_subscribers::resume(&app.app).await.unwrap();
        import_subscribers::resume(&app.app).await.unwrap();
        let page = done(&app, &report).await;
        assert_eq!(texts(&page, ".counts div"), ["Lines read 700", "Added 699", "Known already 1", "Refused 0"]);
        assert_eq!(app.count("subscriber").await, 700);
        import_subscribers::resume(&app.app).await.unwrap();
        assert_eq!(app.count("subscriber").await, 700);
    }
}
