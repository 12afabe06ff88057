//! Providers of free mail. Each tells all receivers that only its own servers send for its addresses (DMARC, RFC 7489).

/// Providers of free mail, whose addresses only they themselves send for.
const FREE_PROVIDERS: [&str; 24] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "outlook.co.nz",
    "outlook.com.au",
    "live.com",
    "live.com.au",
    "live.co.uk",
    "msn.com",
    "ymail.com",
    "rocketmail.com",
    "xtra.co.nz",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "proton.me",
    "protonmail.com",
    "pm.me",
    "mail.com",
    "zoho.com",
    "fastmail.com",
    "yandex.com",
    "web.de",
];

/// Those that are there in many countries: `yahoo.com`, `yahoo.co.nz`.
const FREE_IN_MANY_COUNTRIES: [&str; 3] = ["yahoo", "hotmail", "gmx"];

/// Whether a domain is that of a provider of free mail.
pub fn is_free_provider(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let first = domain.split('.').next().unwrap_or_default();
    FREE_PROVIDERS.contains(&domain.as_str()) || FREE_IN_MANY_COUNTRIES.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::is_free_provider;

    #[test]
    fn free_providers_are_known_in_every_country() {
        for domain in ["gmail.com", "Yahoo.co.nz", "gmx.net", "xtra.co.nz"] {
            assert!(is_free_provider(domain), "{domain}");
        }
        for domain in ["clinic.example", "gmail.com.example", "gmxclinic.nz"] {
            assert!(!is_free_provider(domain), "{domain}");
        }
    }
}
