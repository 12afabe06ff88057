//! What a list in a form offers.

/// One of several to choose from.
#[derive(Debug, Clone)]
pub(in crate::web) struct Choice {
    /// What the form sends.
    pub(in crate::web) value: String,
    /// What people read.
    pub(in crate::web) label: String,
}

impl Choice {
    pub(in crate::web) fn new(value: impl ToString, label: impl ToString) -> Self {
        Self {
            value: value.to_string(),
            label: label.to_string(),
        }
    }
}
