//! Whether what comes back will come in: where it is sent to, and each way that is set.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::time::timeout;

use super::{Finding, base_url};
use crate::app::examine::Verdict;
use crate::clock::Timestamp;
use crate::config::{LmtpAddress, Settings};
use crate::domain::delivery::DeliveryId;
use crate::domain::link_token::LinkKeys;
use crate::domain::return_path::ReturnPath;
use crate::mail::inbound::mailbox::{MailboxError, MailboxServer};
use crate::mail::inbound::provider::Provider;

/// Somebody waits for the answer.
const WITHIN: Duration = Duration::from_secs(20);

/// What there is to say of the ways in. Nothing is taken in, and nothing is changed.
pub async fn inbound(settings: &Settings, now: Timestamp) -> Vec<Finding> {
    let inbound = &settings.inbound;
    let has_way =
        inbound.lmtp.is_some() || inbound.mailbox.is_some() || !inbound.providers.is_empty();
    if settings.smtp_servers.is_empty() && inbound.address.is_none() && !has_way {
        return Vec::new();
    }
    let mut findings = vec![return_path(settings, has_way)];
    if let Some(address) = &inbound.lmtp {
        findings.push(lmtp(address).await);
    }
    if let Some(server) = &inbound.mailbox {
        findings.push(mailbox(server, inbound.mailbox_every).await);
    }
    for provider in &inbound.providers {
        findings.push(webhook(provider, settings, now));
    }
    findings
}

fn return_path(settings: &Settings, has_way: bool) -> Finding {
    let from = &settings.mail_from.email;
    let Some(path) = &settings.inbound.address else {
        return Finding::warning(format!(
            "Bounces go to {}, and only those that repeat our Message-ID prove themselves. Set inbound.address, such as \
             \"bounces@{}\".",
            from.as_str(),
            from.domain()
        ));
    };
    let Some(sample) = sample(path) else {
        return Finding::fault(
            "No return path can be made of inbound.address: choose a shorter one.",
        );
    };
    let (_, domain) = sample.rsplit_once('@').unwrap_or_default();
    let is_aligned = within_domain(domain, from.domain()) || within_domain(from.domain(), domain);
    if !is_aligned && settings.dkim.is_none() {
        return Finding::warning(format!(
            "Messages from {} have return paths in {domain}, so that SPF does not count for DMARC: choose an address in {} \
             as inbound.address, or sign with DKIM.",
            from.as_str(),
            from.domain()
        ));
    }
    let by = if has_way {
        ""
    } else {
        " No mailbox, LMTP or webhook is set: the mail server that receives for it has to run practice-points inbound."
    };
    Finding::good(format!(
        "Each message has a signed return path of its own, like {sample}.{by}"
    ))
}

/// What a return path looks like, with a key that is nobody's.
fn sample(path: &ReturnPath) -> Option<String> {
    let keys = LinkKeys::new(vec![(0, [0; 32])]).ok()?;
    let address = path.of(&keys, DeliveryId(4711), Timestamp::from_millis(0))?;
    let address = address.as_str();
    let (mark, rest) = address.split_once("4711-")?;
    let (_, domain) = rest.rsplit_once('@')?;
    Some(format!("{mark}4711-…@{domain}"))
}

fn within_domain(inner: &str, outer: &str) -> bool {
    inner
        .strip_suffix(outer)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

async fn lmtp(address: &LmtpAddress) -> Finding {
    let looked = match address {
        LmtpAddress::Tcp(address) => timeout(WITHIN, lmtp_port(*address)).await,
        LmtpAddress::Unix(path) => timeout(WITHIN, lmtp_socket(path)).await,
    };
    looked.unwrap_or_else(|_| {
        Finding::fault(
            "What listens where inbound.lmtp says does not answer: restart the process that delivers, or choose another \
             place.",
        )
    })
}

async fn lmtp_port(address: SocketAddr) -> Finding {
    if let Ok(stream) = TcpStream::connect(address).await {
        return greeting(stream, &address.to_string()).await;
    }
    match TcpListener::bind(address).await {
        Ok(_) => Finding::good(format!(
            "LMTP on {address}: free; the process that delivers listens there."
        )),
        Err(error) => Finding::fault(format!(
            "LMTP on {address}: nobody can listen there ({error}). Choose another port as inbound.lmtp."
        )),
    }
}

async fn lmtp_socket(path: &Path) -> Finding {
    let shown = path.display();
    if let Ok(stream) = UnixStream::connect(path).await {
        return greeting(stream, &shown.to_string()).await;
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    if folder.is_dir() {
        Finding::good(format!(
            "LMTP at {shown}: the process that delivers listens there when it runs."
        ))
    } else {
        Finding::fault(format!(
            "LMTP at {shown}: there is no folder {}. Make it, for the program’s user to write in.",
            folder.display()
        ))
    }
}

async fn greeting(stream: impl AsyncRead + Unpin, place: &str) -> Finding {
    use tokio::io::AsyncReadExt as _;
    let mut line = String::new();
    let read = BufReader::new(stream.take(512)).read_line(&mut line).await;
    if read.is_ok() && line.starts_with("220 ") && line.trim_end().ends_with(" LMTP") {
        Finding::good(format!(
            "LMTP on {place}: the process that delivers listens."
        ))
    } else {
        Finding::fault(format!(
            "LMTP on {place}: another program answers there. Choose another place as inbound.lmtp."
        ))
    }
}

async fn mailbox(server: &MailboxServer, every: Duration) -> Finding {
    let place = server.place();
    let looked = timeout(WITHIN, async {
        let mut mailbox = server.open().await?;
        mailbox.check_folder().await?;
        let count = mailbox.messages().await?.len();
        let tells = mailbox.tells();
        mailbox.close().await?;
        Ok::<_, MailboxError>((count, tells))
    });
    match looked.await.unwrap_or(Err(MailboxError::Silent)) {
        Ok((count, tells)) => {
            let how = if tells {
                "the server tells when something comes".to_owned()
            } else {
                format!("it is looked into every {} s", every.as_secs())
            };
            Finding::good(format!(
                "Mailbox {place}: signed in; messages that wait: {count}; {how}."
            ))
        }
        Err(error) => {
            let remedy = match &error {
                MailboxError::Network(cause) if cause.to_string().contains("certificate") => {
                    "The host in inbound.mailbox_url has to be the one that the certificate names; for an authority of your \
                     own house add ca_file=/path."
                }
                MailboxError::Network(_) | MailboxError::Silent => {
                    "Look at the host and the port in inbound.mailbox_url, and whether the server runs."
                }
                MailboxError::Imap(_) | MailboxError::Pop3(_) => {
                    "Look at user, password and folders in inbound.mailbox_url (in it, % and what follows stands for other \
                     characters: @ is %40)."
                }
            };
            Finding::fault(format!("Mailbox {place}: {error}. {remedy}"))
        }
    }
}

fn webhook(provider: &Provider, settings: &Settings, now: Timestamp) -> Finding {
    let name = provider.name();
    if let Some(problem) = provider.problem(now) {
        return Finding::fault(format!("Webhook {name}: {problem}"));
    }
    let address = settings.base_url.join(&format!("/webhooks/{name}"));
    match base_url(settings).verdict {
        Verdict::Good if settings.base_url.is_https() => Finding::good(format!(
            "Webhook {name}: what {address} gets is checked with what is set; nothing was sent there."
        )),
        _ => Finding::warning(format!(
            "Webhook {name}: {address} cannot be reached by a provider. Set base_url to an https address of yours."
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::config::Sources;

    async fn found(flags: &[(&str, &str)]) -> Vec<Finding> {
        let mut sources = Sources::default();
        for (key, value) in flags {
            sources.add_flag(key, (*value).to_owned());
        }
        let settings = Settings::from_sources(&sources).unwrap();
        inbound(&settings, Timestamp::from_millis(1_795_381_200_000)).await
    }

    const SMTP: (&str, &str) = ("smtp_url", "smtp://127.0.0.1:2525");
    const FROM: (&str, &str) = ("mail_from", "points@clinic.example");

    #[tokio::test]
    async fn a_missing_address_and_one_elsewhere_are_to_be_looked_at() {
        assert_eq!(found(&[]).await, []);
        let none = found(&[SMTP, FROM]).await;
        assert_eq!(none[0].verdict, Verdict::Warning);
        assert!(
            none[0].words.contains("\"bounces@clinic.example\""),
            "{none:?}"
        );
        let address = ("inbound.address", "bounces@clinic.example");
        let good = found(&[SMTP, FROM, address]).await;
        assert_eq!(good[0].verdict, Verdict::Good);
        assert!(
            good[0].words.contains("bounces+b-4711-…@clinic.example"),
            "{good:?}"
        );
        assert!(good[0].words.contains("has to run practice-points inbound"));
        let elsewhere = ("inbound.address", "@bounces.example");
        let found = found(&[SMTP, FROM, elsewhere]).await;
        assert_eq!(found[0].verdict, Verdict::Warning, "{found:?}");
    }

    #[tokio::test]
    async fn a_place_for_lmtp_that_is_taken_by_another_is_a_fault() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            use std::io::Write as _;
            for stream in listener.incoming() {
                let _ = stream.unwrap().write_all(b"220 mail.example ESMTP\r\n");
            }
        });
        let taken = found(&[("inbound.lmtp", &address)]).await;
        assert_eq!(taken[1].verdict, Verdict::Fault, "{taken:?}");
        let nowhere = found(&[("inbound.lmtp", "unix:/nowhere/at/all/lmtp")]).await;
        assert!(
            nowhere[1].words.contains("no folder /nowhere/at/all"),
            "{nowhere:?}"
        );
    }

    #[tokio::test]
    async fn a_mailbox_that_is_away_and_a_key_that_is_none_are_faults_and_no_secret_is_shown() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        for scheme in ["imap", "pop3"] {
            let url = format!("{scheme}://me:s3cret@127.0.0.1:{port}");
            let away = found(&[("inbound.mailbox_url", &url)]).await;
            assert_eq!(away[1].verdict, Verdict::Fault);
            assert!(!away[1].words.contains("s3cret"), "{away:?}");
        }
        let keys = [
            ("inbound.sendgrid_key", "bm8ga2V5"),
            ("inbound.mailgun_key", "key-0123456789abcdef"),
            ("base_url", "https://points.clinic.example"),
        ];
        let found = found(&keys).await;
        assert_eq!(found[1].verdict, Verdict::Good, "{found:?}");
        assert_eq!(found[2].verdict, Verdict::Fault, "{found:?}");
    }
}
