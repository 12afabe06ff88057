//! Whether the DNS records are published.

use futures_util::future::join_all;
use tokio::time::{Instant, timeout_at};

use super::{DnsRecord, RecordKind, Verdict, dns_records_of_all_keys};
use crate::app::{App, AppError};
use crate::domain::published::{self, Outcome, Published};
use crate::mail::dns::{Dns, DnsError};

/// So many records are asked for at a time. Nobody signs with so many keys.
const MOST: usize = 32;

/// What the DNS says of each record, in their order. All are asked at the same time, and what has no answer within the limits
/// has none.
pub async fn published(records: &[DnsRecord], dns: &Dns) -> Vec<Published> {
    let until = Instant::now() + dns.limits().all;
    let looks = records.iter().enumerate().map(async |(at, record)| {
        if at >= MOST {
            return unasked(&DnsError::OutOfTime);
        }
        match timeout_at(until, look(record, dns)).await {
            Ok(Ok(published)) => published,
            Ok(Err(error)) => unasked(&error),
            Err(_) => unasked(&DnsError::OutOfTime),
        }
    });
    join_all(looks).await
}

/// What the DNS says now of the record of a key that was made here.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn published_of_key(app: &App, selector: &str) -> Result<Published, AppError> {
    let site = app.site();
    let settings = site.over(&app.settings);
    let mut keys = site.signing.keys.iter();
    let key = keys.find(|key| key.selector == selector);
    let name = key.ok_or(AppError::NotFound)?.record_name();
    let mut records = dns_records_of_all_keys(&settings, &site.signing);
    records.retain(|record| record.name == name);
    let mut found = published(&records, &Dns::at(settings.dns_server)).await;
    Ok(found.pop().unwrap_or_else(|| unasked(&DnsError::OutOfTime)))
}

/// How an outcome is for whoever keeps the machine. None is a fault of the program, and mail goes out with each.
pub fn verdict(outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Found => Verdict::Good,
        Outcome::Differs | Outcome::Missing | Outcome::Unasked => Verdict::Warning,
    }
}

fn unasked(error: &DnsError) -> Published {
    let words = error.to_string();
    let mut letters = words.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    Published::unasked(format!(
        "{}{}.",
        first.unwrap_or_default(),
        letters.as_str()
    ))
}

async fn look(record: &DnsRecord, dns: &Dns) -> Result<Published, DnsError> {
    let DnsRecord {
        kind, name, text, ..
    } = record;
    match kind {
        RecordKind::Spf => Ok(match dns.texts_of_known(name).await? {
            Some(texts) => published::spf(name, text, &texts),
            None => Published::missing(format!("The DNS does not know {name}: is it spelt right?")),
        }),
        RecordKind::Dkim => Ok(published::dkim(text, &dns.texts(name).await?)),
        RecordKind::ServersDkim | RecordKind::RetiredDkim => Ok(Published::unasked(
            "Only whoever keeps the mail server knows under which selector its key stands.",
        )),
        RecordKind::Dmarc => dmarc(record, dns).await,
        RecordKind::MailExchange => {
            let servers = dns.mail_exchanges(name).await?;
            let has_address = servers.is_empty() && dns.has_address(name).await?;
            Ok(published::mail_exchange(name, &servers, has_address))
        }
    }
}

/// A domain's own record counts, else the nearest one around it.
async fn dmarc(record: &DnsRecord, dns: &Dns) -> Result<Published, DnsError> {
    let domain = record.name.strip_prefix("_dmarc.").unwrap_or(&record.name);
    let around = published::parents(domain);
    let own = dns.texts(&record.name).await?;
    if let Some(found) = published::dmarc(&record.text, domain, domain, &own) {
        return Ok(found);
    }
    for at in &around {
        let texts = dns.texts(&format!("_dmarc.{at}")).await?;
        if let Some(found) = published::dmarc(&record.text, domain, at, &texts) {
            return Ok(found);
        }
    }
    Ok(published::without_dmarc(&own, &around))
}
