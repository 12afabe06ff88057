//! What people do at their browsers, in steps that make a whole way together.

use crate::process::Installation;

use super::person::Person;

/// Everybody's password.
pub const PASSWORD: &str = "korimako sings at dawn";

/// The subject of the message that asks for a confirmation.
pub const CONFIRMATION: &str = "Please confirm your sign-up for GP Practice Points";

/// The article that a new installation finds among its drafts.
pub const GUIDANCE: &str = "CT calcium score: whom to refer, and whom not";

/// A member of staff.
pub struct Member {
    pub name: &'static str,
    pub email: &'static str,
}

pub const OWNER: Member = Member {
    name: "Aroha Sample-Ngata",
    email: "owner.sample@clinic.example",
};

pub const PUBLISHER: Member = Member {
    name: "Mele Sample",
    email: "publisher.sample@clinic.example",
};

/// The first visit: the owner is made with the code that the console shows, and signs in.
pub async fn becomes_the_owner(owner: &Person, code: &str) {
    owner.opens("/staff").await;
    owner.sees("Set up the first owner").await;
    owner.types("One-time code", code).await;
    owner.types("Your name", OWNER.name).await;
    owner.types("E-mail address", OWNER.email).await;
    owner.types("Password", PASSWORD).await;
    owner.presses("Become the owner").await;
    owner.sees("You are the owner now. Please sign in.").await;
    signs_in(owner, &OWNER).await;
}

/// Signs in, on the page that asks for it.
pub async fn signs_in(person: &Person, member: &Member) {
    person.types("E-mail address", member.email).await;
    person.types("Password", PASSWORD).await;
    person.presses("Sign in").await;
    person.sees(&format!("Signed in as {}", member.name)).await;
}

/// Whoever has the machine adds the publisher, and the owner sees it.
pub async fn adds_the_publisher(here: &Installation, owner: &Person) {
    let arguments = [
        "staff",
        "add",
        PUBLISHER.email,
        "--name",
        PUBLISHER.name,
        "--role",
        "publisher",
        "--password-stdin",
    ];
    here.run_with_input(&arguments, format!("{PASSWORD}\n").as_bytes())
        .succeeded();
    owner.follows("Staff").await;
    owner.sees(PUBLISHER.email).await;
}

/// Opens a message in the mailbox, when it has come.
pub async fn opens_the_message(staff: &Person, subject: &str, to: &str) {
    staff.follows("Mailbox").await;
    staff.reloads_until(to).await;
    let row = format!("//tr[contains(., \"{to}\")]//a[normalize-space(.)=\"{subject}\"]");
    staff.leaves_by(&row).await;
    staff.sees("Links in this message").await;
}

/// Goes to the editor of an article that is written anew.
pub async fn begins_an_article(author: &Person, kind: &str, title: &str) {
    author.follows("Articles").await;
    author.follows("Write an article").await;
    author.types("Title", title).await;
    author.chooses("Kind", kind).await;
}

/// Writes a text in Markdown, as those do who know it.
pub async fn writes_as_plain_text(author: &Person, text: &str) {
    author.uses("Plain text").await;
    author.types("Text", text).await;
}

/// What the editor of a case study asks for beside title and text.
pub async fn fills_in_the_case(author: &Person) {
    author
        .types(
            "Summary",
            "A sample case: a borderline estimate, a score of zero, and what was said afterwards.",
        )
        .await;
    let points = [
        "Ask whether the result would change what you do.",
        "A family history of early heart attack belongs in the referral.",
        "Agree beforehand on what a score of zero would mean.",
    ];
    for (index, point) in points.iter().enumerate() {
        if index > 0 {
            author.uses("Add a point").await;
        }
        author
            .types(&format!("Practice point {}", index + 1), point)
            .await;
    }
    author
        .types("Authors", "Aroha Sample-Ngata, cardiologist")
        .await;
    author.types_the_day("Review by", "2028-11-30").await;
    author
        .types(
            "References",
            "A sample reference. 2017. doi:10.5694/mja16.01134",
        )
        .await;
    author
        .types(
            "Conflicts of interest",
            "We provide CT calcium scoring at Ascot Radiology.",
        )
        .await;
}

/// The text of a case study, in the order in which cases are told; made up, as its first line says.
pub const CASE: &str = "This case is made up as a sample.\n\n## Patient information\n\n\
    A man in his fifties came for a check of his heart risk. His estimate was **moderate**.\n\n\
    ## Clinical findings\n\nNothing out of the ordinary.\n\n\
    ## Timeline\n\nThe scan was two weeks later.\n\n\
    ## Diagnostic assessment\n\nThe score was zero.\n\n\
    ## Intervention\n\nAdvice, and no medicine.\n\n\
    ## Follow-up and outcomes\n\nA year on, he is well.\n\n\
    ## Discussion\n\n- Ask about early heart attacks in the family.\n- Plan the talk about the result.\n";

/// Goes through the case on the page for what would tell who the patient is, item by item.
pub async fn clears_the_case(author: &Person) {
    author
        .sees("A case study can be neither approved nor published without one of two")
        .await;
    for item in [
        "No names",
        "No initials",
        "No NHI number",
        "No date of birth",
        "No exact dates",
        "No phone numbers",
        "No addresses",
        "No rare detail",
        "No faces",
        "No text burnt into images",
    ] {
        author.ticks(item).await;
    }
    author.presses("Save the checklist").await;
}

/// Takes over the shipped guidance: what a new installation leaves for its people to fill in.
pub async fn completes_the_guidance(author: &Person) {
    author.follows("Articles").await;
    author.follows(GUIDANCE).await;
    author.follows("Edit").await;
    author
        .types("Authors", "Aroha Sample-Ngata, cardiologist")
        .await;
    author.types_the_day("Review by", "2028-11-30").await;
    author.presses("Save").await;
}

/// Asks for a review of the article on the page. Its author is told that another has to approve it, and cannot.
pub async fn submits_and_waits(author: &Person) {
    author.presses("Submit for review").await;
    author.sees("A second person has to approve it.").await;
    author.is_not_offered("Approve").await;
}

/// Approves an article that waits on the overview, and puts it on the site.
pub async fn approves_and_publishes(publisher: &Person, title: &str) {
    publisher.follows("Overview").await;
    publisher.follows(title).await;
    publisher.presses("Approve").await;
    publisher.presses("Publish").await;
    publisher.sees("The public page").await;
}

/// Puts a bulletin together from articles, in this order: the first as a whole, the others as teasers.
pub async fn assembles(publisher: &Person, subject: &str, topics: &[&str], articles: &[&str]) {
    publisher.follows("Bulletins").await;
    publisher.follows("Start a bulletin").await;
    publisher.types("Subject", subject).await;
    publisher
        .types("Preheader", "Whom a scan helps, and a case from practice")
        .await;
    publisher
        .types(
            "Introduction",
            "This month: **calcium scores**, in a few points.",
        )
        .await;
    for topic in topics {
        publisher.ticks(topic).await;
    }
    for (index, title) in articles.iter().enumerate() {
        let order = format!("Order of {title}");
        publisher.types(&order, &(index + 1).to_string()).await;
    }
    if let Some(first) = articles.first() {
        let much = format!("How much of {first}");
        publisher.chooses(&much, "The whole article").await;
    }
}

/// Has the mail of the bulletin on the page sent at once.
pub async fn sends_it_now(person: &Person) {
    person.ticks("Yes, send it now").await;
    person.presses("Send now").await;
}
