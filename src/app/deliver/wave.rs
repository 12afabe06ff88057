//! Whether the rest of a bulletin in waves goes, decided once: when it falls due, in the transaction that would claim it.

use crate::app::AppError;
use crate::clock::Timestamp;
use crate::domain::staff_mail::HeldBecause;
use crate::domain::wave::{MOST_REFUSED, is_trouble};
use crate::store::{Db, bulletin_waves};

use super::hold;

/// Decides for every wave that is due by now. Where too many of the first people's addresses were refused, the bulletin is
/// held for a person to look; going on is their decision then.
pub(super) fn judge_due(db: &mut Db, now: Timestamp) -> Result<(), AppError> {
    for wave in bulletin_waves::due(db, now)? {
        // Of two workers that see it due, one decides.
        if !bulletin_waves::judge(db, wave.bulletin_id, now)? {
            continue;
        }
        let refused = bulletin_waves::refused_of_first(db, &wave)?;
        if is_trouble(refused, wave.first_count) {
            let why = format!(
                "The second wave is held: {refused} of the first {} messages were refused or given up, which is more \
                 than {MOST_REFUSED} in 100. Please look at what happened, and then resume or cancel.",
                wave.first_count
            );
            hold::pause(db, wave.bulletin_id, HeldBecause::FirstWave, &why, now)?;
        }
    }
    Ok(())
}
