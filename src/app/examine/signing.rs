//! Whether messages are signed so that receivers believe it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Finding;
use crate::config::{Dkim, Settings};
use crate::mail::dkim::{MOST_RSA_BITS, SelectedKey};

/// What there is to say of the signatures: first whether they count for the sender, then of each key. Nothing is looked up.
pub fn signing(settings: &Settings) -> Vec<Finding> {
    let Some(dkim) = &settings.dkim else {
        return if settings.smtp_servers.is_empty() {
            Vec::new()
        } else {
            vec![Finding::good(
                "Not signed by this program (no dkim.key_file): let the mail server sign.",
            )]
        };
    };
    let mut findings = vec![alignment(dkim, settings.mail_from.email.domain())];
    let keys = dkim.signer.keys().iter().zip(&dkim.key_files);
    findings.extend(keys.map(|(key, file)| key_and_file(key, file)));
    findings
}

/// Whether DMARC counts a signature for the sender (RFC 7489, section 3.1.1): in its relaxed form, both domains have to belong
/// to one registered domain. Which domains can be registered is a list that changes; one within the other is sure.
fn alignment(dkim: &Dkim, from: &str) -> Finding {
    let signing = dkim.signer.domain();
    let within = |inner: &str, outer: &str| {
        inner
            .strip_suffix(outer)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    if within(signing, from) || within(from, signing) {
        Finding::good(format!(
            "Messages from {from} are signed for {signing}, which DMARC counts."
        ))
    } else {
        Finding::warning(format!(
            "Messages from {from} are signed for {signing}. DMARC counts that only if one registered domain holds both: set \
             dkim.domain = \"{from}\" unless you are sure."
        ))
    }
}

fn key_and_file(key: &SelectedKey, file: &Path) -> Finding {
    let what = match key.key.rsa_bits() {
        Some(bits) => format!("RSA, {bits} bits"),
        None => "Ed25519".to_owned(),
    };
    let it = format!("Key {} ({what}, {})", key.selector, file.display());
    let faults = match file.metadata() {
        Ok(metadata) => faults(key.key.rsa_bits(), metadata.permissions().mode(), file),
        Err(error) => vec![format!("its file cannot be looked at: {error}")],
    };
    match faults.as_slice() {
        [] => Finding::good(format!("{it}.")),
        some => Finding::warning(format!("{it}: {}.", some.join("; "))),
    }
}

/// What to look at in a key that works.
fn faults(rsa_bits: Option<usize>, mode: u32, file: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    // The group may be the service's own, as with the settings file.
    if mode & 0o027 != 0 {
        faults.push(format!(
            "others than the service can read or change the file (mode {:03o}): chmod 600 {}",
            mode & 0o777,
            file.display()
        ));
    }
    if rsa_bits.is_some_and(|bits| bits > MOST_RSA_BITS) {
        faults.push(format!(
            "receivers need not be able to check more than {MOST_RSA_BITS} bits, and 2048 are enough"
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::super::Verdict;
    use super::*;
    use crate::mail::dkim::Signer;

    fn verdict(signing: &str, from: &str) -> Verdict {
        let dkim = Dkim {
            signer: Signer::new(signing, Vec::new()),
            key_files: Vec::new(),
        };
        alignment(&dkim, from).verdict
    }

    #[test]
    fn a_signature_counts_for_the_same_domain_and_for_one_within_the_other() {
        let good = Verdict::Good;
        assert_eq!(verdict("clinic.example", "clinic.example"), good);
        assert_eq!(verdict("clinic.example", "points.clinic.example"), good);
        assert_eq!(verdict("mail.clinic.example", "clinic.example"), good);
        let unsure = Verdict::Warning;
        assert_eq!(verdict("clinic.example", "myclinic.example"), unsure);
        assert_eq!(verdict("sender.example", "clinic.example"), unsure);
        assert_eq!(verdict("a.clinic.example", "b.clinic.example"), unsure);
    }

    #[test]
    fn a_key_is_for_the_service_alone_and_no_longer_than_receivers_can_check() {
        let count = |bits, mode| faults(bits, mode, Path::new("key.pem")).len();
        for mode in [0o100_400, 0o100_600, 0o100_640] {
            assert_eq!(count(Some(2048), mode), 0, "{mode:o}");
        }
        for mode in [0o100_644, 0o100_604, 0o100_660, 0o100_602] {
            assert_eq!(count(None, mode), 1, "{mode:o}");
        }
        assert_eq!(count(Some(4096), 0o100_600), 0);
        assert_eq!(count(Some(8192), 0o100_600), 1);
    }
}
