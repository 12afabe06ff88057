//! Reports in the form that the standards give them: of delivery (RFC 3464, RFC 6533) and of abuse (RFC 5965).

use mail_parser::{Message, MessagePart};

use super::fields::{Group, groups};
use super::{LONGEST_WORDS, MOST_NOTICES, Notice, address, is_part, text};
use crate::domain::bounce::{Action, Category};
use crate::domain::harmless;
use crate::domain::status_code::{EnhancedCode, find_code, find_reply_code};

/// What a delivery report says of each recipient; nothing where the message is none.
pub(super) fn delivery(message: &Message<'_>) -> Vec<Notice> {
    let is_report = |part: &&MessagePart<'_>| {
        is_part(
            part,
            "message",
            &["delivery-status", "global-delivery-status"],
        )
    };
    let Some(part) = message.parts.iter().find(is_report) else {
        return Vec::new();
    };
    let explained = text(message);
    let groups = groups(part.contents());
    let notices = groups.iter().filter_map(|group| notice(group, &explained));
    notices.take(MOST_NOTICES).collect()
}

fn notice(group: &Group, explained: &str) -> Option<Notice> {
    let status = group
        .get("status")
        .and_then(|status| status.split_whitespace().next())
        .and_then(EnhancedCode::parse);
    let said = group.after_type("diagnostic-code").unwrap_or_default();
    let action = group
        .get("action")
        .and_then(|action| action.split_whitespace().next())
        .and_then(|action| action.to_ascii_lowercase().parse::<Action>().ok());
    let action = match (action, status) {
        (Some(action), _) => action,
        (None, Some(EnhancedCode(2, ..))) => Action::Delivered,
        (None, Some(EnhancedCode(4, ..))) if group.get("will-retry-until").is_some() => {
            Action::Delayed
        }
        (None, Some(_)) => Action::Failed,
        // The group about the message as a whole, or nothing to go by.
        (None, None) => return None,
    };
    // x.0.x is what servers write who know no better; the next server's words may hold more.
    let code = match status {
        Some(EnhancedCode(_, 0, _)) | None => find_code(said).or(status),
        known => known,
    };
    // Where the report's own words say nothing, the text above it may.
    let mut category = Category::of(action, code, find_reply_code(said), said);
    if category == Category::Unclear {
        category = Category::of(action, code, find_reply_code(said), explained);
    }
    let words = match (said, group.get("status")) {
        ("", Some(status)) => status,
        (said, _) => said,
    };
    Some(Notice {
        category,
        action: Some(action),
        code,
        recipient: group.after_type("final-recipient").and_then(address),
        original_recipient: group.after_type("original-recipient").and_then(address),
        words: harmless::line(words, LONGEST_WORDS),
    })
}

/// What a report of abuse says; nothing where the message is none.
pub(super) fn feedback(message: &Message<'_>) -> Vec<Notice> {
    let is_report = |part: &&MessagePart<'_>| is_part(part, "message", &["feedback-report"]);
    let Some(part) = message.parts.iter().find(is_report) else {
        return Vec::new();
    };
    let groups = groups(part.contents());
    let field = |name: &str| groups.iter().find_map(|group| group.get(name));
    let kind = field("feedback-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let category = match kind.as_str() {
        "abuse" | "fraud" => Category::Complaint,
        "opt-out" | "opt-out-list" => Category::Unsubscribe,
        "not-spam" => Category::Delivered,
        "virus" => Category::Content,
        // Authentication failures (RFC 6591) are about whoever pretends to be us, and the rest is for a person.
        _ => Category::Unknown,
    };
    let recipient = field("original-rcpt-to").and_then(|to| {
        let to = to.split_once(';').map_or(to, |(_, rest)| rest);
        address(to)
    });
    vec![Notice {
        recipient,
        ..Notice::new(category, &format!("feedback: {kind}"))
    }]
}
