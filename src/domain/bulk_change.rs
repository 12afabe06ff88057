//! One thing that staff do to many people at once.

use super::named::named;

named! {
    /// What is done.
    BulkAction, "change" {
        /// They get one topic more, on a stated ground.
        AddTopic = "add-topic", "Add a topic";
        /// They get one topic less.
        RemoveTopic = "remove-topic", "Take a topic away";
        /// Nothing is sent to them until it is lifted.
        Suspend = "suspend", "Suspend";
        /// The suspension is lifted; an address that failed confirms again.
        Reinstate = "reinstate", "Reinstate";
        /// They leave.
        Unsubscribe = "unsubscribe", "Unsubscribe";
    }
}

named! {
    /// What came of it for one person.
    BulkOutcome, "outcome" {
        /// It is done.
        Done = "done", "Done";
        /// A message asks them to confirm their address.
        Asked = "asked", "Asked by e-mail to confirm the address";
        /// It was so already, or does not apply to them.
        Unchanged = "unchanged", "Nothing to change";
        /// It would have left them without any topic.
        OnlyTopic = "only-topic", "Left as it was: it is their only topic";
        /// They are suspended, and get no topic that they have not asked for.
        Suspended = "suspended", "Left as they are: suspended";
        /// They have left.
        Unsubscribed = "unsubscribed", "Left as they are: unsubscribed";
        /// They have not confirmed their address yet.
        Pending = "pending", "Left as they are: to be confirmed";
        /// The person was erased or merged meanwhile.
        Gone = "gone", "No longer on the list";
    }
}

named! {
    /// What came of taking it back.
    UndoOutcome, "outcome" {
        /// They are as they were.
        Undone = "undone", "Taken back";
        /// Something else has happened since: they stay as they are.
        ChangedSince = "changed-since", "Left as they are: something else has happened since";
    }
}

impl BulkAction {
    /// Whether it can be taken back: nothing else went out or was lost by it.
    pub const fn can_be_undone(self) -> bool {
        matches!(self, Self::Suspend | Self::Unsubscribe)
    }
}
