//! The one list of pages that all checks go through, in this order: what changes something comes last.
//!
//! A new page is covered by a line here. `{confirm}`, `{leave}`, `{manage}`, `{message}`, `{delivery}`, `{case}`, `{image}`,
//! `{register}`, `{registration}`, `{many}`, `{import}`, `{event}`, `{join}`, `{sign-in}` and `{new-password}` in a path stand for what
//! the demo has of these; see [`super::site::Site::path`].

/// How a page is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Ask {
    /// By its address.
    Get(&'static str),
    /// By sending a form to an address.
    Post(&'static str, &'static [(&'static str, &'static str)]),
}

use Ask::{Get, Post};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Somebody with no cookies.
    Anybody,
    /// The demo's owner, signed in.
    Owner,
}

use Who::{Anybody, Owner};

/// A page to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// What it is called in complaints, and in the names of its pictures.
    pub name: &'static str,
    pub who: Who,
    pub ask: Ask,
    /// The status with which it comes.
    pub status: u16,
    /// Words that have to be in it: an empty page is not worth judging.
    pub shows: &'static str,
}

const fn page(name: &'static str, who: Who, ask: Ask, status: u16, shows: &'static str) -> Page {
    Page {
        name,
        who,
        ask,
        status,
        shows,
    }
}

const BULLETIN: &str = "/bulletins/sample-practice-points-whom-to-refer-for-a-calcium-score";
const GUIDANCE: &str = "/articles/ct-calcium-score-for-referrers";
const ARTICLE_OF_POINT: &str = "/practice-points/ct-calcium-score-for-referrers/1";
const EVENT: &str = "/symposium/hearts-in-practice-a-sample-evening-symposium";
const EVENT_LINK: &str = "/symposium/hearts-in-practice-a-sample-evening-symposium/link";

/// More than may be said of what somebody does not eat.
const TOO_LONG: &str = match std::str::from_utf8(&[b'x'; 400]) {
    Ok(text) => text,
    Err(_) => "",
};

const CHECK: &str = "/calcium-score/referral-check";

/// What the referral check is asked.
const REFERRAL: &[(&str, &str)] = &[
    ("age", "38"),
    ("sex", "male"),
    ("risk", "low"),
    ("family_history", "no"),
];

/// A sign-up with its mistakes.
const SIGN_UP: &[(&str, &str)] = &[("email", "wiremu.sample.practice.example"), ("name", "")];

/// An audience to be saved, while a bulletin is begun.
const SAVED_AUDIENCE: &[(&str, &str)] = &[
    ("subject", "For the north and the south"),
    ("topics", "news"),
    ("regions", "northern"),
    ("regions", "te-waipounamu"),
    ("audience_name", "North and south"),
    ("action", "save-audience"),
];

const SURE: &[(&str, &str)] = &[("confirm", "yes")];

/// All of them.
#[rustfmt::skip] // One page a line.
pub const PAGES: &[Page] = &[
    page("home", Anybody, Get("/"), 200, "Sample case: a smart watch"),
    page("articles", Anybody, Get("/articles"), 200, "Sample case: a smart watch"),
    page("articles-of-a-topic", Anybody, Get("/articles?topic=calcium-score"), 200, "whom to refer"),
    page("articles-none-found", Anybody, Get("/articles?q=walrus"), 200, "Nothing"),
    page("article", Anybody, Get(GUIDANCE), 200, "Practice points"),
    page("article-news", Anybody, Get("/articles/sample-news-echocardiography-on-saturday-mornings"), 200, "Saturday"),
    page("article-symposium-update", Anybody, Get("/articles/sample-update-the-programme-of-the-gp-symposium"), 200, "programme"),
    page("article-case-study", Anybody, Get("/articles/sample-case-a-smart-watch-says-irregular"), 200, "Sample point"),
    page("article-superseded", Anybody, Get("/articles/sample-news-echocardiography-on-thursday-evenings"), 200, "taken the place"),
    page("practice-points", Anybody, Get("/practice-points"), 200, "Sample point: ask for the recording"),
    page("practice-points-found", Anybody, Get("/practice-points?q=recording"), 200, "Sample point: ask for the"),
    page("practice-point", Anybody, Get(ARTICLE_OF_POINT), 200, "To cite it"),
    page("bulletins", Anybody, Get("/bulletins"), 200, "Sample Practice Points"),
    page("bulletin", Anybody, Get(BULLETIN), 200, "whom to refer"),
    page("search", Anybody, Get("/search"), 200, "Search"),
    page("search-found", Anybody, Get("/search?q=calcium+scor"), 200, "whom to refer"),
    page("search-none-found", Anybody, Get("/search?q=walrus"), 200, "Nothing holds all of these words"),
    page("symposium", Anybody, Get("/symposium"), 200, "Hearts in practice"),
    page("symposium-coming", Anybody, Get(EVENT), 200, "Waiting list"),
    page("symposium-past", Anybody, Get("/symposium/heart-failure-at-home-an-earlier-sample-symposium"), 200, "Programme"),
    page("symposium-link-refused", Anybody, Post(EVENT_LINK, &[("email", "x")]), 422, "Please look at this again"),
    page("symposium-link-sent", Anybody, Post(EVENT_LINK, &[("email", "nobody@practice.example")]), 200, "Now look in your inbox"),
    page("symposium-register", Anybody, Get("{register}"), 200, "Register for"),
    page("symposium-register-refused", Anybody, Post("{register}", &[("dietary", TOO_LONG)]), 422, "Please look at this again"),
    page("symposium-registration", Anybody, Get("{registration}"), 200, "waiting list"),
    page("symposium-link-unknown", Anybody, Get("/registration/no-such-token"), 404, "link"),
    page("calcium-score", Anybody, Get("/calcium-score"), 200, "calcium"),
    page("calcium-score-referrers", Anybody, Get("/calcium-score/referrers"), 200, "Score bands"),
    page("referral-check", Anybody, Get(CHECK), 200, "Age in years"),
    page("referral-check-answer", Anybody, Post(CHECK, REFERRAL), 200, "Generally not"),
    page("referral-check-refused", Anybody, Post(CHECK, &[("age", "x")]), 422, "Please look at this again"),
    page("contact", Anybody, Get("/contact"), 200, "Remuera"),
    page("privacy", Anybody, Get("/privacy"), 200, "Privacy"),
    page("sign-up", Anybody, Get("/subscribe"), 200, "What happens with your details"),
    page("sign-up-refused", Anybody, Post("/subscribe", SIGN_UP), 422, "Please look at this again"),
    page("sign-up-sent", Anybody, Get("/subscribe/sent"), 200, "look in your inbox"),
    page("manage-ask", Anybody, Get("/manage"), 200, "E-mail address"),
    page("manage-refused", Anybody, Post("/manage", &[("email", "x")]), 422, "Please look at this again"),
    page("manage-asked", Anybody, Post("/manage", &[("email", "nobody@practice.example")]), 200, "inbox"),
    page("manage", Anybody, Get("{manage}"), 200, "Download"),
    page("manage-refused-details", Anybody, Post("{manage}/details", &[("name", "www.spam.example")]), 422, "Please look at this again"),
    page("confirm", Anybody, Get("{confirm}"), 200, "One more step"),
    page("confirm-unknown", Anybody, Get("/confirm/no-such-token"), 404, "link"),
    page("unsubscribe", Anybody, Get("{leave}"), 200, "Unsubscribe"),
    page("unsubscribe-unknown", Anybody, Get("/u/no-such-token"), 200, "Nothing is sent by this link"),
    page("not-found", Anybody, Get("/no-such-page"), 404, "not"),
    page("staff-sign-in", Anybody, Get("/staff/sign-in"), 200, "Staff sign in"),
    page("staff-sign-in-refused", Anybody, Post("/staff/sign-in", &[("email", "hine.sample@clinic.example"), ("password", "x")]), 422, "again"),
    page("staff-link-ask", Anybody, Get("/staff/sign-in/link"), 200, "Sign in by a link"),
    page("staff-password-ask", Anybody, Get("/staff/sign-in/password"), 200, "A new password"),
    page("staff-link-refused", Anybody, Post("/staff/sign-in/link", &[("email", "x")]), 422, "Please look at this again"),
    page("staff-link-sent", Anybody, Post("/staff/sign-in/password", &[("email", "nobody@clinic.example")]), 200, "Now look in your inbox"),
    page("staff-join", Anybody, Get("{join}"), 200, "Welcome, Tane Sample"),
    page("staff-join-refused", Anybody, Post("{join}", &[("password", "x")]), 422, "Please look at this again"),
    page("staff-by-link", Anybody, Get("{sign-in}"), 200, "Heart Clinic"), // Another browser than the one that asked sees another page.
    page("staff-new-password", Anybody, Get("{new-password}"), 200, "Heart Clinic"),
    page("staff-link-over", Anybody, Get("/sign-in/no-such-token"), 404, "does not work any more"),

    page("staff-overview", Owner, Get("/staff"), 200, "36"),
    page("staff-overview-by-month", Owner, Get("/staff?by=month"), 200, "By month"),
    page("staff-settings", Owner, Get("/staff/settings"), 200, "Wordings"),
    page("staff-settings-clinic", Owner, Get("/staff/settings/clinic"), 200, "Who we are"),
    page("staff-settings-clinic-refused", Owner, Post("/staff/settings/clinic", &[("name", "")]), 422, "Please look at this again"),
    page("staff-settings-colours-refused", Owner, Post("/staff/settings/clinic/colours", &[("main_light", "#ffd500")]), 422, "4.5 to 1"),
    page("staff-settings-sender", Owner, Get("/staff/settings/sender"), 200, "Replies go to"),
    page("staff-settings-sender-refused", Owner, Post("/staff/settings/sender", &[("from_address", "x")]), 422, "Please look at this again"),
    page("staff-settings-topics", Owner, Get("/staff/settings/topics"), 200, "Add a topic"),
    page("staff-settings-topics-refused", Owner, Post("/staff/settings/topics", &[("name", "")]), 422, "Please look at this again"),
    page("staff-settings-topic-refused", Owner, Post("/staff/settings/topics/1", &[("name", "")]), 422, "Please look at this again"),
    page("staff-settings-wordings", Owner, Get("/staff/settings/wordings"), 200, "Asked for now"),
    page("staff-settings-wordings-refused", Owner, Post("/staff/settings/wordings/consent", &[("wording", "")]), 422, "Please look at this again"),
    page("staff-settings-retention", Owner, Get("/staff/settings/retention"), 200, "principle 9"),
    page("staff-settings-retention-refused", Owner, Post("/staff/settings/retention", &[("inbound_days", "x")]), 422, "Please look at this again"),
    page("staff-settings-mail", Owner, Get("/staff/settings/mail"), 200, "Records to publish"),
    page("staff-settings-deployment", Owner, Get("/staff/settings/deployment"), 200, "PRACTICE_POINTS_LISTEN"),
    page("staff-account", Owner, Get("/staff/account"), 200, "Where you are signed in"),
    page("staff-second-factor", Owner, Get("/staff/account/second-factor"), 200, "Tell your app"),
    page("staff-second-factor-refused", Owner, Post("/staff/account/second-factor/confirm", &[("code", "x")]), 422, "Please look at this again"),
    page("staff-confirm-password", Owner, Get("/staff/account/confirm"), 200, "Is it still you?"),
    page("staff-confirm-refused", Owner, Post("/staff/account/confirm", &[("password", "x")]), 422, "Please look at this again"),
    page("staff-members", Owner, Get("/staff/members"), 200, "Wiremu Sample"),
    page("staff-invite-refused", Owner, Post("/staff/members/invitations", &[("email", "x")]), 422, "Please look at this again"),
    page("staff-audit", Owner, Get("/staff/audit"), 200, "Hine Sample"),
    page("staff-audit-found", Owner, Get("/staff/audit?q=signed&who=1&what=staff"), 200, "Signed in"),
    page("staff-audit-none-found", Owner, Get("/staff/audit?q=walrus"), 200, "Nothing matches"),
    page("staff-subscribers", Owner, Get("/staff/subscribers"), 200, "Dr Aroha Sample"),
    page("staff-subscribers-found", Owner, Get("/staff/subscribers?q=aroha&region=&sort=name"), 200, "found"),
    page("staff-subscribers-none-found", Owner, Get("/staff/subscribers?q=walrus"), 200, "Nobody matches"),
    page("staff-subscribers-refused", Owner, Post("/staff/subscribers/filters", &[("name", ""), ("query", "q=aroha")]), 422, "Please look at this again"),
    page("staff-subscribers-none-ticked", Owner, Post("/staff/subscribers/bulk", &[("action", "suspend")]), 422, "Please tick somebody"),
    page("staff-subscribers-changes", Owner, Get("/staff/subscribers/bulk"), 200, "Nothing yet"),
    page("staff-subscribers-many", Owner, Get("{many}"), 200, "Nothing is changed yet"),
    page("staff-subscribers-many-refused", Owner, Post("{many}", &[("topic", "")]), 422, "Please look at this again"),
    page("staff-subscriber-merge", Owner, Get("/staff/subscribers/1/merge"), 200, "Which other record"),
    page("staff-subscriber-merge-pair", Owner, Get("/staff/subscribers/1/merge?with=2"), 200, "Which record stays?"),
    page("staff-subscriber-merge-refused", Owner, Post("/staff/subscribers/1/merge", &[("with", "2")]), 422, "Please look at this again"),
    page("staff-subscriber", Owner, Get("/staff/subscribers/1"), 200, "Consent"),
    page("staff-subscriber-new", Owner, Get("/staff/subscribers/new"), 200, "E-mail address"),
    page("staff-subscriber-edit", Owner, Get("/staff/subscribers/1/edit"), 200, "E-mail address"),
    page("staff-subscriber-refused", Owner, Post("/staff/subscribers", &[("email", "x")]), 422, "Please look at this again"),
    page("staff-import", Owner, Get("/staff/subscribers/import"), 200, "Where do these people come from?"),
    page("staff-import-tried", Owner, Get("{import}"), 200, "What the columns are"),
    page("staff-import-columns-refused", Owner, Post("{import}/columns", &[("column", "name"), ("column", "name")]), 422, "Two columns are the name"),
    page("staff-articles", Owner, Get("/staff/articles"), 200, "Sample case: a smart watch"),
    page("staff-article", Owner, Get("/staff/articles/1"), 200, "Published"),
    page("staff-article-revision", Owner, Get("/staff/articles/1/revisions/1"), 200, "whom to refer"),
    page("staff-article-compare", Owner, Get("/staff/articles/1/compare"), 200, "What has changed"),
    page("staff-article-new", Owner, Get("/staff/articles/new"), 200, "Title"),
    page("staff-article-edit", Owner, Get("/staff/articles/1/edit"), 200, "Title"),
    page("staff-article-refused", Owner, Post("/staff/articles", &[("title", "")]), 422, "Please look at this again"),
    page("staff-case-study", Owner, Get("{case}"), 200, "Sample case: a smart watch"),
    page("staff-images", Owner, Get("/staff/images"), 200, "Images"),
    page("staff-image", Owner, Get("{image}"), 200, "Alternative text"),
    page("staff-image-refused", Owner, Post("{image}", &[("alt", "")]), 422, "Please look at this again"),
    page("staff-bulletins", Owner, Get("/staff/bulletins"), 200, "Sample Practice Points"),
    page("staff-bulletin", Owner, Get("/staff/bulletins/1"), 200, "36 of 36"),
    page("staff-bulletin-new", Owner, Get("/staff/bulletins/new"), 200, "Subject"),
    page("staff-bulletin-preview", Owner, Get("/staff/bulletins/1/preview"), 200, "As plain text"),
    page("staff-bulletin-preview-as", Owner, Get("/staff/bulletins/1/preview?as=1&q=aroha&width=phone&colours=dark&images=off"), 200, "would get it"),
    page("staff-bulletin-unsent", Owner, Get("{unsent}"), 200, "Before sending"),
    page("staff-bulletin-waves-refused", Owner, Post("{unsent}/waves", &[("waves", "two"), ("first", "x")]), 422, "Please look at this again"),
    page("staff-bulletin-refused", Owner, Post("/staff/bulletins", &[("subject", "")]), 422, "Please look at this again"),
    page("staff-bulletin-report", Owner, Get("/staff/bulletins/1/report"), 200, "What became of the message"),
    page("staff-deliveries-left", Owner, Get("/staff/bulletins/1/deliveries?state=left"), 200, "Nobody here"),
    page("staff-bulletin-send-again", Owner, Get("/staff/bulletins/1/send-again"), 200, "Given up after the last try"),
    page("staff-bulletin-send-again-refused", Owner, Post("/staff/bulletins/1/send-again", &[]), 422, "Please look at this again"),
    page("staff-audiences-none", Owner, Get("/staff/audiences"), 200, "None is saved yet"),
    page("staff-audience-saved", Owner, Post("/staff/bulletins", SAVED_AUDIENCE), 200, "The audience is saved as"),
    page("staff-audiences", Owner, Get("/staff/audiences"), 200, "are in Northern or Te Waipounamu"),
    page("staff-deliveries", Owner, Get("/staff/bulletins/1/deliveries"), 200, "gp0.sample@practice.example"),
    page("staff-delivery", Owner, Get("{delivery}"), 200, "Accepted"),
    page("staff-symposia", Owner, Get("/staff/symposia"), 200, "Hearts in practice"),
    page("staff-symposium", Owner, Get("{event}"), 200, "Hearts in practice"),
    page("staff-symposium-new", Owner, Get("/staff/symposia/new"), 200, "Plan a symposium"),
    page("staff-symposium-edit", Owner, Get("{event}/edit"), 200, "Edit a symposium"),
    page("staff-symposium-people", Owner, Get("{event}/people"), 200, "With a place (12)"),
    page("staff-symposium-refused", Owner, Post("/staff/symposia", &[("title", "")]), 422, "Please look at this again"),
    page("staff-inbound", Owner, Get("/staff/inbound"), 200, "Nothing to look at"),
    page("staff-inbound-understood", Owner, Get("/staff/inbound?view=understood"), 200, "Nothing here"),
    page("staff-mailbox", Owner, Get("/staff/mailbox"), 200, "Sample Practice Points"),
    page("staff-message", Owner, Get("{message}"), 200, "Links in this message"),
    page("staff-message-text", Owner, Get("{message}?view=text"), 200, "IN THIS ISSUE"),
    page("staff-message-headers", Owner, Get("{message}?view=headers"), 200, "Message-ID"),
    page("staff-not-found", Owner, Get("/staff/no-such-page"), 404, "not"),

    page("confirmed", Anybody, Post("{confirm}", &[]), 200, "You are signed up"),
    page("unsubscribed", Anybody, Post("{leave}", &[]), 200, "You are unsubscribed"),
    page("unsubscribe-undone", Anybody, Post("{leave}/undo", &[]), 200, "again"),
    page("erased", Anybody, Post("{manage}/erase", SURE), 200, "erased"),
    page("manage-after-erasure", Anybody, Get("{manage}"), 404, "link"),
];
