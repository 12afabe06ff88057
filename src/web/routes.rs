//! The one table of everything that can be asked for, and of who may ask.
//!
//! A path that is not here does not exist, and one that is here needs what stands beside it: the
//! [gate](super::gate) asks before any handler runs. Of two patterns that match a path, the first
//! counts.

use actix_web::guard::{Guard, GuardContext};
use actix_web::web::{self, ServiceConfig};

use crate::domain::staff_member::StaffRole::{Author, Owner, Publisher, Reviewer};

use super::access::{Access, Route, Verb};
use super::{assets, public, staff};

macro_rules! table {
    ($( $method:ident $pattern:literal, $access:expr => $handler:path; )+) => {
        /// Every route.
        pub const TABLE: &[Route] = {
            use Access::*;
            &[ $( Route { method: Verb::$method, pattern: $pattern, access: $access }, )+ ]
        };

        /// Joins the routes to their handlers.
        pub(super) fn register(config: &mut ServiceConfig) {
            $( config.route($pattern, web::route().guard(Guarded(Verb::$method.guard())).to($handler)); )+
        }
    };
}

struct Guarded(Box<dyn Guard>);

impl Guard for Guarded {
    fn check(&self, context: &GuardContext<'_>) -> bool {
        self.0.check(context)
    }
}

table! {
    Get "/", Public => public::home::show;
    Get "/subscribe", Public => public::subscribe::ask;
    Post "/subscribe", Public => public::subscribe::take;
    Get "/subscribe/sent", Public => public::subscribe::sent;
    Get "/confirm/{token}", Token => public::confirm::ask;
    Post "/confirm/{token}", Token => public::confirm::take;
    Get "/u/{token}", Token => public::unsubscribe::ask;
    Post "/u/{token}", Token => public::unsubscribe::take;
    Post "/u/{token}/keep", Token => public::unsubscribe::keep;
    Post "/u/{token}/undo", Token => public::unsubscribe::undo;
    Get "/manage", Public => public::manage_request::ask;
    Post "/manage", Public => public::manage_request::take;
    Get "/manage/{token}", Token => public::manage::show;
    Post "/manage/{token}/topics", Token => public::manage::topics;
    Post "/manage/{token}/details", Token => public::manage::details;
    Post "/manage/{token}/pause", Token => public::manage::pause;
    Post "/manage/{token}/resume", Token => public::manage::resume;
    Post "/manage/{token}/leave", Token => public::manage::leave;
    Post "/manage/{token}/undo", Token => public::manage::undo;
    Post "/manage/{token}/erase", Token => public::manage::erase;
    Get "/manage/{token}/data.json", Token => public::manage::download;

    Get "/articles", Public => public::articles::list;
    Get "/articles/{slug}", Public => public::articles::show;
    Get "/a/{id}", Public => public::articles::short;
    Get "/practice-points", Public => public::practice_points::list;
    Get "/practice-points/{slug}/{number}", Public => public::practice_points::show;
    Get "/bulletins", Public => public::bulletins::list;
    Get "/bulletins/{slug}", Public => public::bulletins::show;
    Get "/bulletins/{slug}/mail.html", Public => public::bulletins::mail;
    Get "/l/{code}", Public => public::follow::link;
    Get "/search", Public => public::search::show;
    Get "/symposium", Public => public::symposium::list;
    Get "/symposium/{slug}.ics", Public => public::symposium::calendar::show;
    Get "/symposium/{slug}", Public => public::symposium::show::show;
    Post "/symposium/{slug}/link", Public => public::symposium::show::ask_for_link;
    Get "/symposium/{slug}/register/{token}", Token => public::symposium::register::ask;
    Post "/symposium/{slug}/register/{token}", Token => public::symposium::register::take;
    Get "/registration/{token}", Token => public::symposium::registration::show;
    Post "/registration/{token}/needs", Token => public::symposium::registration::needs;
    Post "/registration/{token}/cancel", Token => public::symposium::registration::cancel;
    Get "/calcium-score", Public => public::calcium_score::for_patients;
    Get "/calcium-score/referrers", Public => public::calcium_score::for_referrers;
    Get "/calcium-score/referral-check", Public => public::referral_check::ask;
    Post "/calcium-score/referral-check", Public => public::referral_check::answer;
    Get "/feed.atom", Public => public::feeds::everything;
    Get "/topics/{slug}/feed.atom", Public => public::feeds::of_topic;
    Get "/sitemap.xml", Public => public::feeds::sitemap;
    Get "/contact", Public => public::clinic::contact;
    Get "/privacy", Public => public::clinic::privacy;

    Post "/webhooks/{provider}", Token => public::webhooks::take;

    Get "/assets/{hash}/{name:.*}", Public => assets::show;
    Get "/colours/{hash}.css", Public => assets::colours;
    Get "/favicon.svg", Public => assets::favicon;
    Get "/images/{name}", Public => public::images::show;
    Get "/healthz", Public => public::machines::health;
    Get "/robots.txt", Public => public::machines::robots;

    Get "/staff/first-owner", SignIn => staff::first_owner::ask;
    Post "/staff/first-owner", SignIn => staff::first_owner::take;
    Get "/staff/sign-in", SignIn => staff::sign_in::ask;
    Post "/staff/sign-in", SignIn => staff::sign_in::take;
    Get "/staff/sign-in/code", SignIn => staff::sign_in_code::ask;
    Post "/staff/sign-in/code", SignIn => staff::sign_in_code::take;
    Get "/staff/sign-in/link", SignIn => staff::sign_in_link::ask;
    Post "/staff/sign-in/link", SignIn => staff::sign_in_link::take;
    Get "/staff/sign-in/password", SignIn => staff::sign_in_link::ask_for_password;
    Post "/staff/sign-in/password", SignIn => staff::sign_in_link::take_for_password;
    Get "/sign-in/{token}", Token => public::staff_links::ask;
    Post "/sign-in/{token}", Token => public::staff_links::take;
    Get "/new-password/{token}", Token => public::staff_links::ask_for_password;
    Post "/new-password/{token}", Token => public::staff_links::set_password;
    Get "/join/{token}", Token => public::join::ask;
    Post "/join/{token}", Token => public::join::take;
    Post "/staff/sign-out", Staff(Author) => staff::sign_in::sign_out;
    Get "/staff", Staff(Author) => staff::overview::show;
    Get "/staff/account", Staff(Author) => staff::account::show;
    Post "/staff/account/mails", Staff(Author) => staff::mail_choice::save;
    Post "/staff/account/name", Recent(Author) => staff::account::rename;
    Post "/staff/account/password", Staff(Author) => staff::account::change_password;
    Get "/staff/account/confirm", Staff(Author) => staff::confirm_password::ask;
    Post "/staff/account/confirm", Staff(Author) => staff::confirm_password::take;
    Get "/staff/account/second-factor", Recent(Author) => staff::second_factor::show;
    Post "/staff/account/second-factor/begin", Recent(Author) => staff::second_factor::begin;
    Post "/staff/account/second-factor/confirm", Recent(Author) => staff::second_factor::confirm;
    Post "/staff/account/second-factor/recovery-codes", Recent(Author) => staff::second_factor::recovery_codes;
    Post "/staff/account/second-factor/remove", Recent(Author) => staff::second_factor::remove;
    Post "/staff/account/sessions/end-others", Staff(Author) => staff::account::end_others;
    Post "/staff/account/sessions/{id}/end", Staff(Author) => staff::account::end_session;
    Get "/staff/members", Staff(Author) => staff::members::list;
    Post "/staff/members/invitations", Recent(Owner) => staff::invitations::invite;
    Post "/staff/members/invitations/{id}/send-again", Recent(Owner) => staff::invitations::send_again;
    Post "/staff/members/invitations/{id}/withdraw", Recent(Owner) => staff::invitations::withdraw;
    Post "/staff/members/second-factor", Recent(Owner) => staff::members::require_second_factor;
    Post "/staff/members/{id}/name", Recent(Owner) => staff::members::rename;
    Post "/staff/members/{id}/role", Recent(Owner) => staff::members::set_role;
    Post "/staff/members/{id}/password", Recent(Owner) => staff::members::set_password;
    Post "/staff/members/{id}/deactivate", Recent(Owner) => staff::members::deactivate;
    Post "/staff/members/{id}/reactivate", Recent(Owner) => staff::members::reactivate;
    Post "/staff/members/{id}/reset-second-factor", Recent(Owner) => staff::members::reset_second_factor;
    Get "/staff/audit", Staff(Owner) => staff::audit::list;
    Get "/staff/audit.csv", Staff(Owner) => staff::audit::export;

    Get "/staff/settings", Staff(Owner) => staff::settings::index;
    Get "/staff/settings/clinic", Staff(Owner) => staff::settings::clinic::show;
    Post "/staff/settings/clinic", Staff(Owner) => staff::settings::clinic::save;
    Post "/staff/settings/clinic/colours", Staff(Owner) => staff::settings::clinic::colours;
    Post "/staff/settings/clinic/logo", Staff(Owner) => staff::settings::clinic::logo;
    Post "/staff/settings/clinic/logo/remove", Staff(Owner) => staff::settings::clinic::remove_logo;
    Get "/staff/settings/sender", Staff(Owner) => staff::settings::sender::show;
    Post "/staff/settings/sender", Staff(Owner) => staff::settings::sender::save;
    Get "/staff/settings/topics", Staff(Owner) => staff::settings::topics::list;
    Post "/staff/settings/topics", Staff(Owner) => staff::settings::topics::add;
    Post "/staff/settings/topics/{id}", Staff(Owner) => staff::settings::topics::describe;
    Post "/staff/settings/topics/{id}/move", Staff(Owner) => staff::settings::topics::move_by;
    Post "/staff/settings/topics/{id}/retire", Staff(Owner) => staff::settings::topics::retire;
    Post "/staff/settings/topics/{id}/offer", Staff(Owner) => staff::settings::topics::offer;
    Get "/staff/settings/wordings", Staff(Owner) => staff::settings::wordings::show;
    Post "/staff/settings/wordings/consent", Staff(Owner) => staff::settings::wordings::consent;
    Post "/staff/settings/wordings/notices", Staff(Owner) => staff::settings::wordings::notices;
    Get "/staff/settings/retention", Staff(Owner) => staff::settings::retention::show;
    Post "/staff/settings/retention", Staff(Owner) => staff::settings::retention::save;
    Get "/staff/settings/mail", Staff(Publisher) => staff::settings::mail::show;
    Post "/staff/settings/mail/checks", Staff(Publisher) => staff::settings::mail::checks;
    Post "/staff/settings/mail/keys", Staff(Owner) => staff::settings::mail::make_key;
    Post "/staff/settings/mail/keys/{selector}/sign", Staff(Owner) => staff::settings::mail::sign;
    Post "/staff/settings/mail/keys/{selector}/stop", Staff(Owner) => staff::settings::mail::stop;
    Get "/staff/settings/deployment", Staff(Owner) => staff::settings::deployment::show;

    Get "/staff/subscribers", Staff(Publisher) => staff::subscribers::list::show;
    Post "/staff/subscribers", Staff(Publisher) => staff::subscribers::edit::add;
    Get "/staff/subscribers/new", Staff(Publisher) => staff::subscribers::edit::new;
    Post "/staff/subscribers/filters", Staff(Publisher) => staff::subscribers::saved::save;
    Post "/staff/subscribers/filters/{id}/delete", Staff(Publisher) => staff::subscribers::saved::delete;
    Get "/staff/subscribers/bulk", Staff(Publisher) => staff::subscribers::bulk::list;
    Post "/staff/subscribers/bulk", Staff(Publisher) => staff::subscribers::bulk::ask;
    Get "/staff/subscribers/bulk/{id}", Staff(Publisher) => staff::subscribers::bulk::show;
    Post "/staff/subscribers/bulk/{id}", Staff(Publisher) => staff::subscribers::bulk::start;
    Post "/staff/subscribers/bulk/{id}/undo", Staff(Publisher) => staff::subscribers::bulk::undo;
    Get "/staff/subscribers/export.csv", Staff(Publisher) => staff::subscribers::export::export;
    Get "/staff/subscribers/import", Staff(Publisher) => staff::subscribers::import::ask;
    Post "/staff/subscribers/import", Staff(Publisher) => staff::subscribers::import::check;
    Get "/staff/subscribers/import/{run}", Staff(Publisher) => staff::subscribers::import_report::show;
    Post "/staff/subscribers/import/{run}", Staff(Publisher) => staff::subscribers::import_report::take_over;
    Post "/staff/subscribers/import/{run}/columns", Staff(Publisher) => staff::subscribers::import_report::columns;
    Get "/staff/subscribers/import/{run}/refused.csv", Staff(Publisher) => staff::subscribers::import_report::refused;
    Get "/staff/subscribers/{id}", Staff(Publisher) => staff::subscribers::show::show;
    Post "/staff/subscribers/{id}", Staff(Publisher) => staff::subscribers::edit::save;
    Get "/staff/subscribers/{id}/edit", Staff(Publisher) => staff::subscribers::edit::edit;
    Get "/staff/subscribers/{id}/data.json", Staff(Publisher) => staff::subscribers::show::download;
    Get "/staff/subscribers/{id}/merge", Staff(Publisher) => staff::subscribers::merge::ask;
    Post "/staff/subscribers/{id}/merge", Staff(Publisher) => staff::subscribers::merge::merge;
    Post "/staff/subscribers/{id}/suspend", Staff(Publisher) => staff::subscribers::status::suspend;
    Post "/staff/subscribers/{id}/reinstate", Staff(Publisher) => staff::subscribers::status::reinstate;
    Post "/staff/subscribers/{id}/unsubscribe", Staff(Publisher) => staff::subscribers::status::unsubscribe;
    Post "/staff/subscribers/{id}/erase", Staff(Publisher) => staff::subscribers::status::erase;

    Get "/staff/articles", Staff(Author) => staff::articles::list::show;
    Post "/staff/articles", Staff(Author) => staff::articles::edit::create;
    Get "/staff/articles/new", Staff(Author) => staff::articles::edit::new;
    Post "/staff/articles/references", Staff(Author) => staff::articles::edit::references;
    Post "/staff/articles/preview", Staff(Author) => staff::articles::edit::preview;
    Post "/staff/articles/working-copies", Staff(Author) => staff::articles::working_copy::keep;
    Post "/staff/articles/working-copies/{copy}/discard", Staff(Author) => staff::working_copy::discard;
    Get "/staff/articles/{id}", Staff(Author) => staff::articles::show::show;
    Post "/staff/articles/{id}", Staff(Author) => staff::articles::edit::save;
    Get "/staff/articles/{id}/edit", Staff(Author) => staff::articles::edit::edit;
    Get "/staff/articles/{id}/compare", Staff(Author) => staff::articles::comparison::show;
    Get "/staff/articles/{id}/revisions/{version}", Staff(Author) => staff::articles::revision::show;
    Post "/staff/articles/{id}/revisions/{version}/restore", Staff(Author) => staff::articles::revision::restore;
    Post "/staff/articles/{id}/submit", Staff(Author) => staff::articles::review::submit;
    Post "/staff/articles/{id}/approve", Staff(Reviewer) => staff::articles::review::approve;
    Post "/staff/articles/{id}/delete", Staff(Author) => staff::articles::remove::remove;
    Post "/staff/articles/{id}/remarks", Staff(Author) => staff::articles::remarks::add;
    Post "/staff/articles/{id}/changes", Staff(Reviewer) => staff::articles::remarks::ask_for_changes;
    Post "/staff/articles/{id}/withdraw", Staff(Author) => staff::articles::review::withdraw;
    Post "/staff/articles/{id}/publish", Staff(Publisher) => staff::articles::review::publish;
    Post "/staff/articles/{id}/unpublish", Staff(Publisher) => staff::articles::review::unpublish;

    Post "/staff/articles/{id}/consent", Staff(Author) => staff::articles::case::consent;
    Post "/staff/articles/{id}/consent/{consent}/withdraw", Staff(Author) => staff::articles::case::withdraw_consent;
    Post "/staff/articles/{id}/checklist", Staff(Author) => staff::articles::case::checklist;
    Post "/staff/articles/{id}/supersede", Staff(Publisher) => staff::articles::supersede::supersede;
    Post "/staff/articles/{id}/reinstate", Staff(Publisher) => staff::articles::supersede::reinstate;

    Get "/staff/images", Staff(Author) => staff::images::list;
    Post "/staff/images", Staff(Author) => staff::images::upload;
    Get "/staff/images/library", Staff(Author) => staff::images::library;
    Get "/staff/images/{hash}", Staff(Author) => staff::images::show;
    Post "/staff/images/{hash}", Staff(Author) => staff::images::save;
    Post "/staff/images/{hash}/delete", Staff(Author) => staff::images::delete;
    Post "/staff/images/{hash}/take-away", Staff(Publisher) => staff::images::take_away;

    Get "/staff/bulletins", Staff(Author) => staff::bulletins::list::show;
    Post "/staff/bulletins", Staff(Author) => staff::bulletins::edit::create;
    Get "/staff/bulletins/new", Staff(Author) => staff::bulletins::edit::new;
    Post "/staff/bulletins/working-copies", Staff(Author) => staff::bulletins::working_copy::keep;
    Post "/staff/bulletins/working-copies/{copy}/discard", Staff(Author) => staff::working_copy::discard;
    Get "/staff/bulletins/audience", Staff(Author) => staff::bulletins::audience::count;
    Get "/staff/bulletins/audience/sample", Staff(Publisher) => staff::bulletins::audience::sample;
    Get "/staff/bulletins/{id}", Staff(Author) => staff::bulletins::show::show;
    Post "/staff/bulletins/{id}", Staff(Author) => staff::bulletins::edit::save;
    Get "/staff/bulletins/{id}/edit", Staff(Author) => staff::bulletins::edit::edit;
    Get "/staff/bulletins/{id}/preview", Staff(Author) => staff::bulletins::preview::show;
    Get "/staff/bulletins/{id}/preview.html", Staff(Author) => staff::bulletins::preview::mail;
    Get "/staff/bulletins/{id}/progress", Staff(Author) => staff::bulletins::progress::show;
    Get "/staff/bulletins/{id}/delete", Staff(Author) => staff::bulletins::discard::ask;
    Post "/staff/bulletins/{id}/delete", Staff(Author) => staff::bulletins::discard::discard;
    Post "/staff/bulletins/{id}/correct", Staff(Author) => staff::bulletins::correct::begin;
    Get "/staff/bulletins/{id}/checks", Staff(Author) => staff::bulletins::readiness::show;
    Post "/staff/bulletins/{id}/check-links", Staff(Author) => staff::bulletins::readiness::check_links;
    Post "/staff/bulletins/{id}/override", Staff(Publisher) => staff::bulletins::readiness::let_pass;
    Post "/staff/bulletins/{id}/override/take-back", Staff(Publisher) => staff::bulletins::readiness::take_back;
    Post "/staff/bulletins/{id}/submit", Staff(Author) => staff::bulletins::review::submit;
    Post "/staff/bulletins/{id}/approve", Staff(Reviewer) => staff::bulletins::review::approve;
    Post "/staff/bulletins/{id}/changes", Staff(Reviewer) => staff::bulletins::review::ask_for_changes;
    Post "/staff/bulletins/{id}/withdraw", Staff(Author) => staff::bulletins::review::withdraw;
    Post "/staff/bulletins/{id}/test", Staff(Author) => staff::bulletins::send::test;
    Post "/staff/bulletins/{id}/send", Staff(Publisher) => staff::bulletins::send::now;
    Post "/staff/bulletins/{id}/waves", Staff(Publisher) => staff::bulletins::waves::divide;
    Post "/staff/bulletins/{id}/release", Staff(Publisher) => staff::bulletins::waves::release;
    Post "/staff/bulletins/{id}/schedule", Staff(Publisher) => staff::bulletins::send::schedule;
    Post "/staff/bulletins/{id}/unschedule", Staff(Publisher) => staff::bulletins::send::unschedule;
    Post "/staff/bulletins/{id}/pause", Staff(Publisher) => staff::bulletins::send::pause;
    Post "/staff/bulletins/{id}/resume", Staff(Publisher) => staff::bulletins::send::resume;
    Post "/staff/bulletins/{id}/cancel", Staff(Publisher) => staff::bulletins::send::cancel;
    Get "/staff/bulletins/{id}/report", Staff(Author) => staff::bulletins::report::show;
    Get "/staff/bulletins/{id}/send-again", Staff(Publisher) => staff::bulletins::send_again::ask;
    Post "/staff/bulletins/{id}/send-again", Staff(Publisher) => staff::bulletins::send_again::take;
    Get "/staff/bulletins/{id}/deliveries.csv", Staff(Publisher) => staff::bulletins::deliveries::export;
    Get "/staff/bulletins/{id}/deliveries", Staff(Publisher) => staff::bulletins::deliveries::list;
    Get "/staff/bulletins/{id}/deliveries/{delivery}", Staff(Publisher) => staff::bulletins::deliveries::show;

    Get "/staff/audiences", Staff(Author) => staff::audiences::list;
    Post "/staff/audiences/{id}/rename", Staff(Author) => staff::audiences::rename;
    Post "/staff/audiences/{id}/delete", Staff(Author) => staff::audiences::delete;

    Get "/staff/symposia", Staff(Author) => staff::symposia::list::show;
    Post "/staff/symposia", Staff(Author) => staff::symposia::edit::create;
    Get "/staff/symposia/new", Staff(Author) => staff::symposia::edit::new;
    Get "/staff/symposia/{id}", Staff(Author) => staff::symposia::show::show;
    Post "/staff/symposia/{id}", Staff(Author) => staff::symposia::edit::save;
    Get "/staff/symposia/{id}/edit", Staff(Author) => staff::symposia::edit::edit;
    Post "/staff/symposia/{id}/publish", Staff(Publisher) => staff::symposia::show::publish;
    Post "/staff/symposia/{id}/cancel", Staff(Publisher) => staff::symposia::show::cancel;
    Get "/staff/symposia/{id}/people", Staff(Publisher) => staff::symposia::people::show;
    Post "/staff/symposia/{id}/people", Staff(Publisher) => staff::symposia::people::add;
    Get "/staff/symposia/{id}/people.csv", Staff(Publisher) => staff::symposia::people::export;
    Post "/staff/symposia/{id}/attended", Staff(Publisher) => staff::symposia::people::attended;
    Post "/staff/symposia/{id}/people/{registration}/cancel", Staff(Publisher) => staff::symposia::people::cancel;

    Get "/staff/inbound", Staff(Publisher) => staff::inbound::list;
    Get "/staff/inbound/{id}", Staff(Publisher) => staff::inbound::show;
    Post "/staff/inbound/{id}/handled", Staff(Publisher) => staff::inbound::handled;

    Get "/staff/mailbox", Staff(Publisher) => staff::mailbox::list;
    Get "/staff/mailbox/{id}", Staff(Publisher) => staff::mailbox::show;
    Get "/staff/mailbox/{id}/html", Staff(Publisher) => staff::mailbox::html;
    Get "/staff/mailbox/{id}/files/{number}", Staff(Publisher) => staff::mailbox::file;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The only pages under /staff that are reached without a session.
    const OPEN: [&str; 5] = [
        "/staff/first-owner",
        "/staff/sign-in",
        "/staff/sign-in/code",
        "/staff/sign-in/link",
        "/staff/sign-in/password",
    ];

    #[test]
    fn everything_under_staff_needs_a_sign_in() {
        for route in TABLE {
            let is_staff = route.pattern == "/staff" || route.pattern.starts_with("/staff/");
            let expected_open = OPEN.contains(&route.pattern);
            match route.access {
                Access::Staff(_) | Access::Recent(_) => {
                    assert!(is_staff && !expected_open, "{route:?}")
                }
                Access::SignIn => assert!(expected_open, "{route:?}"),
                Access::Public | Access::Token => assert!(!is_staff, "{route:?}"),
            }
        }
        assert!(TABLE.iter().any(|route| route.pattern == "/staff"));
    }

    #[test]
    fn a_path_with_a_token_is_known_as_one() {
        for route in TABLE {
            // A provider's notification carries its proof within.
            let is_webhook = route.pattern == "/webhooks/{provider}";
            let has_token = route.pattern.contains("{token}") || is_webhook;
            assert_eq!(has_token, route.access == Access::Token, "{route:?}");
        }
    }

    #[test]
    fn no_route_stands_in_the_table_twice() {
        for (place, route) in TABLE.iter().enumerate() {
            let again = TABLE[place + 1..]
                .iter()
                .any(|other| other.pattern == route.pattern && other.method == route.method);
            assert!(!again, "{route:?}");
        }
    }

    #[test]
    fn no_pattern_hides_a_later_one() {
        for (place, route) in TABLE.iter().enumerate() {
            let definition = actix_web::dev::ResourceDef::new(route.pattern);
            let hides = |other: &&Route| {
                other.pattern != route.pattern
                    && !other.pattern.contains('{')
                    && definition.is_match(other.pattern)
            };
            assert_eq!(
                TABLE[place + 1..].iter().find(hides).map(|o| o.pattern),
                None,
                "{route:?}"
            );
        }
    }
}
