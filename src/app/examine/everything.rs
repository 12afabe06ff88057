//! All checks, as whoever keeps the machine asks for them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{Finding, base_url, database, folder, inbound, mail_servers, signing};
use crate::clock::Timestamp;
use crate::config::Settings;
use crate::store::DatabaseUrl;

/// All that is looked at, each finding with its subject. Nothing is changed.
pub async fn everything(settings: &Settings, now: Timestamp) -> Vec<(&'static str, Finding)> {
    let mut findings = Vec::new();
    for needed in needed_folders(settings) {
        findings.push(("Folder", folder(&needed, is_writable)));
    }
    let (database, mail_servers, inbound) = tokio::join!(
        database(&settings.database_url),
        mail_servers(settings),
        inbound(settings, now)
    );
    findings.push(("Database", database));
    findings.extend(mail_servers.into_iter().map(|found| ("Mail server", found)));
    findings.extend(signing(settings).into_iter().map(|found| ("DKIM", found)));
    let inbound = inbound.into_iter();
    findings.extend(inbound.map(|found| ("What comes back", found)));
    findings.push(("Address", base_url(settings)));
    findings
}

/// The folders that are written to: the database's, and the mailbox's.
pub fn needed_folders(settings: &Settings) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let DatabaseUrl::Sqlite(file) = &settings.database_url {
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        folders.push(folder.unwrap_or(Path::new(".")).to_owned());
    }
    if settings.smtp_servers.is_empty() && !folders.contains(&settings.data_dir) {
        folders.push(settings.data_dir.clone());
    }
    folders
}

/// Whether files can be made in a folder: by making one.
///
/// # Errors
/// Why not.
pub fn is_writable(folder: &Path) -> io::Result<()> {
    let file = folder.join(format!(".written-by-{}", std::process::id()));
    File::create(&file)?;
    fs::remove_file(&file)
}
