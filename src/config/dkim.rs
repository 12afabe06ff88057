//! The section `[dkim]`: with which keys messages are signed, and for which domain.

use std::path::PathBuf;

use super::{MailAddress, SettingsError, Taker};
use crate::domain::email_address::EmailAddress;
use crate::mail::dkim::{PrivateKey, SelectedKey, Selector, Signer};

/// How messages are signed.
#[derive(Debug, Clone)]
pub struct Dkim {
    /// Signs them.
    pub signer: Signer,
    /// The files of its keys, in the same order.
    pub key_files: Vec<PathBuf>,
}

/// What the settings say; none without a key. The keys are read here, so that a wrong one stops the start.
pub(super) fn read(
    take: &Taker<'_>,
    mail_from: &MailAddress,
) -> Result<Option<Dkim>, SettingsError> {
    let domain = take.optional("dkim.domain", |text| {
        // The rules for the domain of an address are those for a signature's, international names included.
        EmailAddress::parse(&format!("postmaster@{text}"))
            .map(|address| address.domain().to_owned())
            .map_err(|_| "give a domain, like clinic.co.nz")
    })?;
    let selectors = take.optional("dkim.selector", |text| {
        let parsed: Result<Vec<Selector>, _> = parts(text).map(str::parse).collect();
        parsed
    })?;
    let keys = take.optional("dkim.key_file", |text| {
        parts(text)
            .map(|file| {
                let file = PathBuf::from(file);
                let key =
                    PrivateKey::read(&file).map_err(|e| format!("{}: {e}", file.display()))?;
                Ok((file, key))
            })
            .collect::<Result<Vec<_>, String>>()
    })?;
    let selectors = selectors.unwrap_or_default();
    let (key_files, keys): (Vec<_>, Vec<_>) = keys.unwrap_or_default().into_iter().unzip();
    if keys.is_empty() {
        let key = "dkim.key_file";
        let why = "to sign messages with DKIM, name the file of the private key; without it, leave out \
                   dkim.domain and dkim.selector";
        return match domain.is_some() || !selectors.is_empty() {
            true => Err(SettingsError::Missing { key, why }),
            false => Ok(None),
        };
    }
    if selectors.is_empty() {
        let why =
            "with dkim.key_file, say under which selector the DNS has the key, like points2026";
        return Err(SettingsError::Missing {
            key: "dkim.selector",
            why,
        });
    }
    let refused = |problem: String| {
        let shown: Vec<&str> = selectors.iter().map(Selector::as_str).collect();
        Err(take.wrong("dkim.selector", shown.join(","), problem))
    };
    if selectors.len() != keys.len() {
        return refused(format!(
            "give as many selectors as key files, in the same order: {} for {}",
            selectors.len(),
            keys.len()
        ));
    }
    let has_twin = |(place, selector): (usize, &Selector)| selectors[..place].contains(selector);
    if selectors.iter().enumerate().any(has_twin) {
        return refused("give every key a selector of its own".to_owned());
    }
    let domain = domain.unwrap_or_else(|| mail_from.email.domain().to_owned());
    let keys = selectors
        .into_iter()
        .zip(keys)
        .map(|(selector, key)| SelectedKey { selector, key })
        .collect();
    Ok(Some(Dkim {
        signer: Signer::new(&domain, keys),
        key_files,
    }))
}

/// The items of a list.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}
