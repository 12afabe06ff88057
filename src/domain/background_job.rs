//! What the program does in the background, beside sending.

use super::named::named;

named! {
    /// A job that can go wrong while nobody looks.
    BackgroundJob, "background job" {
        /// A file of people is taken over.
        Import = "import", "Import";
        /// One thing is done to many people.
        BulkChange = "bulk-change", "Change to many";
        /// The links of bulletins are looked at.
        Links = "links", "Links";
        /// What comes back is fetched from its mailbox.
        Mailbox = "mailbox", "Returned mail";
        /// The mail server is in trouble.
        MailServer = "mail-server", "Mail server";
    }
}
