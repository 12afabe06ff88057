//! Who wrote a text, and whether anybody is left who may approve it: nobody approves what they wrote.

use crate::domain::staff_member::{StaffId, StaffRole};
use crate::domain::waiting::may_review;
use crate::store::staff_members::{self, StaffMember};
use crate::store::{Db, StoreError};

/// The name of whoever began a text, and of all others who ever saved it.
pub(super) fn names(
    db: &mut Db,
    begun_by: StaffId,
    writers: &[StaffId],
) -> Result<Vec<String>, StoreError> {
    let mut names = vec![staff_members::get(db, begun_by)?.name];
    let others = staff_members::all(db)?.into_iter();
    let others = others.filter(|one| one.id != begun_by && writers.contains(&one.id));
    names.extend(others.map(|one| one.name));
    Ok(names)
}

/// Why nobody may approve a text, where all who might by their role wrote at it.
pub(super) fn lacking(db: &mut Db, writers: &[StaffId]) -> Result<Option<String>, StoreError> {
    let members = staff_members::all(db)?;
    let could: Vec<&StaffMember> = members
        .iter()
        .filter(|one| one.active && one.role.includes(StaffRole::Reviewer))
        .collect();
    let is_left = |one: &&StaffMember| may_review(one.role, writers, one.id);
    if could.iter().any(is_left) {
        return Ok(None);
    }
    let names: Vec<&str> = could.iter().map(|one| one.name.as_str()).collect();
    Ok(Some(in_words(&names)))
}

/// Who wrote at it, and what helps.
fn in_words(names: &[&str]) -> String {
    let who = match names {
        [] => "There is nobody who may approve it.".to_owned(),
        [one] => format!("{one} wrote at this, and nobody else may approve it."),
        [one, other] => format!("{one} and {other} both wrote at this, so neither may approve it."),
        [most @ .., last] => format!(
            "{} and {last} all wrote at this, so none of them may approve it.",
            most.join(", ")
        ),
    };
    format!(
        "{who} A second person has to approve it. An owner can invite a reviewer under “Staff”."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_wrote_at_it_is_named() {
        let said = in_words(&["Hine Sample", "Wiremu Sample"]);
        let start = "Hine Sample and Wiremu Sample both wrote at this, so neither may approve it.";
        assert!(said.starts_with(start), "{said}");
        let said = in_words(&["Hine", "Mele", "Wiremu"]);
        let start = "Hine, Mele and Wiremu all wrote at this, so none of them may approve it.";
        assert!(said.starts_with(start), "{said}");
        let said = in_words(&["Hine"]);
        assert!(said.starts_with("Hine wrote at this, and nobody"), "{said}");
    }
}
