//! A clinic's list after years: people of all kinds, bulletins to each of them, and what came of it.

use diesel::connection::SimpleConnection as _;
use practice_points::store::Db;

use crate::installation::Installation;

/// Fills a fresh installation, which has one person, on SQLite.
pub fn fill(here: &Installation, people: u64, bulletins: u64) {
    for _ in 0..bulletins {
        here.bulletin(3);
    }
    let sql = [
        people_of(people),
        bulletins_of(people, bulletins),
        rest(people),
    ]
    .concat();
    here.query(move |db| match db {
        Db::Sqlite(c) => c.batch_execute(&sql),
        Db::Pg(_) => unreachable!("the benchmark is on SQLite"),
    });
}

/// One of several words, by a number.
fn one_of(number: &str, words: &[&str]) -> String {
    let mut case = format!("CASE {number} % {}", words.len());
    for (place, word) in words.iter().enumerate() {
        case.push_str(&format!(" WHEN {place} THEN '{word}'"));
    }
    case + " END"
}

fn people_of(people: u64) -> String {
    let first = one_of(
        "(i * 7)",
        &[
            "Aroha", "Hemi", "Mere", "Rangi", "Anna", "James", "Priya", "Wei", "Sione", "Ruth",
            "Tane", "Kiri", "Josef",
        ],
    );
    let last = one_of(
        "(i * 11)",
        &[
            "Sample", "Ngata", "Smith", "Patel", "Chen", "Taylor", "Brown", "Singh", "Wilson",
            "Tau", "Mueller",
        ],
    );
    let region = one_of(
        "i",
        &["northern", "te-manawa-taki", "central", "te-waipounamu"],
    );
    let role = one_of(
        "(i / 3)",
        &[
            "gp",
            "gp",
            "gp",
            "gp-registrar",
            "practice-nurse",
            "practice-manager",
            "specialist",
        ],
    );
    let status = "CASE WHEN i % 50 = 0 THEN 'unsubscribed' WHEN i % 70 = 0 THEN 'suspended' \
                  WHEN i % 90 = 0 THEN 'pending' ELSE 'active' END";
    // Over two years, one after the other.
    let at = format!("1711900000000 + i * (63072000000 / {people})");
    format!(
        "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {people}),
         person AS (SELECT i, {first} AS first, {last} AS last FROM n)
         INSERT INTO subscriber (email, email_key, name, practice, region, role, status, strikes, source, search_key, created_at, updated_at)
         SELECT 'gp' || i || '@practice.example', 'gp' || i || '@practice.example', first || ' ' || last || ' ' || i,
             'Sample Practice ' || (i % 800), {region}, {role}, {status}, i % 500 = 1, 
             CASE WHEN i % 3 = 0 THEN 'web form' ELSE 'sample' END,
             lower(first) || ' ' || lower(last) || ' ' || i || ' gp' || i || '@practice.example sample practice ' || (i % 800), {at}, {at}
         FROM person;
         INSERT OR IGNORE INTO subscription SELECT s.id, t.id FROM subscriber s, topic t WHERE t.slug = 'news' OR (s.id + t.id) % 4 = 0;
         INSERT INTO consent_event (subscriber_id, at, kind, channel, topics) SELECT id, created_at, 'confirmed', 'web-form', 'news' FROM subscriber;
         WITH RECURSIVE piece (id, word, rest) AS (
             SELECT id, '', replace(replace(search_key, '@', ' '), '.', ' ') || ' ' FROM subscriber
             UNION ALL
             SELECT id, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM piece WHERE rest <> ''
         )
         INSERT OR IGNORE INTO subscriber_word SELECT id, word FROM piece WHERE word <> '';\n"
    )
}

fn bulletins_of(people: u64, bulletins: u64) -> String {
    let state = "CASE WHEN s.id % 211 = 0 THEN 'refused' WHEN s.id % 307 = 0 THEN 'skipped' \
                 WHEN s.id % 401 = 0 THEN 'failed' ELSE 'accepted' END";
    format!(
        "INSERT INTO delivery (kind, bulletin_id, subscriber_id, recipient, state, due_at, claimed_by, tries, stage, reply_code, reply, created_at, finished_at)
         SELECT 'bulletin', b.id, s.id, s.email, {state}, 1774000000000, 'bench', 1, 'end-of-data', 250, '2.0.0 Ok', 1774000000000, 1774000060000 + s.id
         FROM bulletin b, subscriber s WHERE b.id <= {bulletins} ORDER BY b.id, s.id;
         INSERT INTO delivery_attempt (delivery_id, at, worker, outcome, stage, reply_code, reply)
         SELECT id, finished_at, 'bench', state, 'rcpt', 550, '5.1.1 no such user' FROM delivery WHERE state = 'refused';
         UPDATE bulletin SET state = 'sent', started_at = 1774000000000 + id, finished_at = 1774000100000 + id,
             audience_count = {people}, frozen_html = '<p>Sample</p>', frozen_text = 'Sample' WHERE id <= {bulletins};
         INSERT INTO inbound_event (at, way, meaning, delivery_id, subscriber_id, bulletin_id, category, code, words, remedy)
         SELECT 1774000200000 + id, 'mailbox', 'bench-' || id, id, subscriber_id, bulletin_id, 'no-mailbox', '5.1.1', 'no such user', 'suspend'
         FROM delivery WHERE state = 'refused' AND bulletin_id = 1;
         INSERT INTO inbound_event (at, way, meaning, delivery_id, subscriber_id, bulletin_id, category, code, words, remedy)
         SELECT 1774000300000 + id, 'mailbox', 'bench-late-' || id, id, subscriber_id, bulletin_id, 'mailbox-full', '5.2.2', 'mailbox full', 'strike'
         FROM delivery WHERE state = 'accepted' AND id % 5 = 0;\n"
    )
}

fn rest(people: u64) -> String {
    let owner = "(SELECT min(id) FROM staff_member)";
    format!(
        "INSERT INTO symposium (slug, title, summary, programme, speakers, place, starts_at, ends_at, cpd_minutes, capacity,
             registration_closes_at, asks_dietary, asks_access, state, sequence, version, created_by, updated_by, created_at, updated_at, published_at)
         VALUES ('sample', 'A sample evening', 'Sample', '', '', 'Ascot Hospital', 1773000000000, 1773010000000, 90, 400,
             1772900000000, 1, 1, 'published', 0, 1, {owner}, {owner}, 1770000000000, 1770000000000, 1770000000000);
         INSERT INTO registration (symposium_id, subscriber_id, state, asked_at, attended)
         SELECT 1, id, 'registered', 1772000000000, id % 3 > 0 FROM subscriber WHERE id % {} = 1;
         INSERT INTO audit_event (at, staff_id, action, entity, entity_id)
         SELECT 1774000000000 + id, {owner}, 'subscriber.edit', 'subscriber', id FROM subscriber WHERE id % 5 = 0;\n",
        (people / 300).max(2)
    )
}
