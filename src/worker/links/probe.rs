//! Asks one address whether it answers. It may be written by anybody and lead anywhere, so: only the web, only addresses of
//! the public internet, looked up and looked at anew on every step of the way, and the connection goes to exactly the
//! address that was looked at (a name that changes its answer in between leads nowhere). Nothing of a page is read.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST, LOCATION, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use url::{Host, Url};

use crate::app::App;
use crate::domain::public_address::is_public;
use crate::domain::readiness::LinkOutcome;

/// A redirect leads to another, and that to another; more is a circle.
const MOST_HOPS: usize = 5;

/// The whole way takes at most so long.
const WITHIN: Duration = Duration::from_secs(20);

/// Looking a name up, and connecting, take at most so long each.
const CONNECT_WITHIN: Duration = Duration::from_secs(6);

/// An answer begins within this time.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The headers of an answer are no larger.
const MOST_HEADER_BYTES: usize = 64 << 10;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) outcome: LinkOutcome,
    pub(crate) detail: String,
}

impl Found {
    fn new(outcome: LinkOutcome, detail: impl Into<String>) -> Self {
        Self {
            outcome,
            detail: detail.into(),
        }
    }

    fn broken(detail: impl Into<String>) -> Self {
        Self::new(LinkOutcome::Broken, detail)
    }

    fn unclear(detail: impl Into<String>) -> Self {
        Self::new(LinkOutcome::Unclear, detail)
    }
}

/// Asks addresses.
pub(crate) struct Prober {
    tls: TlsConnector,
    who: String,
    may_connect: fn(IpAddr) -> bool,
}

impl Prober {
    /// One for this installation.
    pub(crate) fn new(app: &App) -> io::Result<Self> {
        let roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(config)),
            // Whoever runs the other site can see who asks, and why.
            who: format!(
                "PracticePoints/{} (looks at the links of a newsletter; {})",
                env!("CARGO_PKG_VERSION"),
                app.settings.base_url.join("/contact")
            ),
            may_connect: is_public,
        })
    }

    /// Whether an address answers.
    pub(crate) async fn look(&self, address: &str) -> Found {
        match timeout(WITHIN, self.follow(address)).await {
            Ok(Ok(found) | Err(found)) => found,
            Err(_) => Found::broken("no answer in time"),
        }
    }

    async fn follow(&self, address: &str) -> Result<Found, Found> {
        let mut url = Url::parse(address).map_err(|_| Found::broken("this is no address"))?;
        for hop in 0..=MOST_HOPS {
            let (mut status, mut to) = self.ask(&url, Method::HEAD).await?;
            // Not every server knows HEAD, and some answer it wrongly.
            if !(status.is_success() || status.is_redirection()) {
                (status, to) = self.ask(&url, Method::GET).await?;
            }
            let Some(next) = to.filter(|_| status.is_redirection()) else {
                return Ok(meaning(status, hop));
            };
            url = url
                .join(&next)
                .map_err(|_| Found::broken("it leads on to something that is no address"))?;
        }
        Ok(Found::broken("it leads on and on, to no page"))
    }

    /// One question, over a connection of its own. Returns the status and where it leads on to.
    async fn ask(&self, url: &Url, method: Method) -> Result<(StatusCode, Option<String>), Found> {
        let is_tls = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(Found::broken("it leads to something that is no web page")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Found::broken("there is a name or password in the address"));
        }
        let host = url
            .host()
            .ok_or_else(|| Found::broken("this is no address"))?;
        let port = url
            .port_or_known_default()
            .ok_or_else(|| Found::broken("this is no address"))?;
        let stream = self.connect(&host, port).await?;
        if !is_tls {
            return self.exchange(stream, url, method).await;
        }
        let name = match &host {
            Host::Domain(name) => ServerName::try_from((*name).to_owned())
                .map_err(|_| Found::broken("this is no address"))?,
            Host::Ipv4(address) => ServerName::from(IpAddr::from(*address)),
            Host::Ipv6(address) => ServerName::from(IpAddr::from(*address)),
        };
        let stream = timeout(CONNECT_WITHIN, self.tls.connect(name, stream))
            .await
            .map_err(|_| Found::broken("no answer in time"))?
            .map_err(|_| Found::broken("no safe connection: its certificate is not valid"))?;
        self.exchange(stream, url, method).await
    }

    /// Connects to an address that was looked at, and to no other.
    async fn connect(&self, host: &Host<&str>, port: u16) -> Result<TcpStream, Found> {
        let addresses: Vec<SocketAddr> = match host {
            Host::Ipv4(address) => vec![SocketAddr::from((*address, port))],
            Host::Ipv6(address) => vec![SocketAddr::from((*address, port))],
            Host::Domain(name) => {
                let found = timeout(CONNECT_WITHIN, lookup_host((*name, port)))
                    .await
                    .map_err(|_| Found::unclear("this computer could not reach it"))?;
                match found {
                    Ok(found) => found.collect(),
                    Err(error) => return Err(name_trouble(&error).await),
                }
            }
        };
        if addresses.is_empty() {
            return Err(Found::broken("there is no site of this name"));
        }
        // One inner address among public ones is a trap, and no mistake.
        if !addresses
            .iter()
            .all(|address| (self.may_connect)(address.ip()))
        {
            return Err(Found::broken(
                "it leads into a private network, which is not followed; readers cannot open it either",
            ));
        }
        let mut trouble = Found::broken("no answer");
        for address in addresses.iter().take(3) {
            match timeout(CONNECT_WITHIN, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => trouble = connection_trouble(&error),
                Err(_) => trouble = Found::broken("no answer in time"),
            }
        }
        Err(trouble)
    }

    async fn exchange<S>(
        &self,
        stream: S,
        url: &Url,
        method: Method,
    ) -> Result<(StatusCode, Option<String>), Found>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let no_page = || Found::broken("what answers there is no web server");
        let request = Request::builder()
            .method(method)
            .uri(&url[url::Position::BeforePath..url::Position::AfterQuery])
            .header(
                HOST,
                &url[url::Position::BeforeHost..url::Position::AfterPort],
            )
            .header(USER_AGENT, &self.who)
            .header(ACCEPT, "text/html, */*;q=0.8")
            .body(String::new())
            .map_err(|_| Found::broken("this is no address"))?;
        let asked = async {
            let (mut sender, connection) = http1::Builder::new()
                .max_buf_size(MOST_HEADER_BYTES)
                .handshake(TokioIo::new(stream))
                .await
                .map_err(|_| no_page())?;
            // It ends with this future: nothing of the page itself is read.
            let answer = sender.send_request(request);
            tokio::pin!(answer);
            let answer = tokio::select! {
                answer = &mut answer => answer,
                // The server may be done with the connection and have answered.
                _ = connection => answer.await,
            };
            let answer = answer.map_err(|_| no_page())?;
            let to = answer.headers().get(LOCATION);
            let to = to.and_then(|to| to.to_str().ok()).map(str::to_owned);
            Ok((answer.status(), to))
        };
        timeout(ANSWER_WITHIN, asked)
            .await
            .unwrap_or_else(|_| Err(Found::broken("no answer in time")))
    }
}

fn meaning(status: StatusCode, hops: usize) -> Found {
    let code = status.as_u16();
    match code {
        200..300 if hops == 0 => Found::new(LinkOutcome::Answers, "answers"),
        200..300 => Found::new(LinkOutcome::Answers, "answers, by way of another address"),
        404 | 410 => Found::broken(format!("there is no such page ({code})")),
        // Publishers and journals often keep programs out, and let readers in.
        400..500 => Found::unclear(format!("the site does not answer programs ({code})")),
        500..600 => Found::broken(format!("the site is out of order ({code})")),
        _ => Found::unclear(format!("an answer without meaning ({code})")),
    }
}

/// There is always a site of this name: one of the servers at the root of all names.
const ALWAYS_THERE: (&str, u16) = ("a.root-servers.net", 53);

/// A name that is not there is the link's fault; a name that cannot be asked about is ours. A machine without a way to ask
/// says of some that they are not there, and then it says so of one that is, too.
async fn name_trouble(error: &io::Error) -> Found {
    let words = error.to_string();
    let is_ours = [
        "emporary failure",
        "ry again",
        "No address associated",
        "ystem error",
    ]
    .iter()
    .any(|part| words.contains(part));
    let can_ask = async {
        let asked = timeout(CONNECT_WITHIN, lookup_host(ALWAYS_THERE)).await;
        matches!(asked, Ok(Ok(_)))
    };
    match is_ours || !can_ask.await {
        true => Found::unclear("this computer could not reach it"),
        false => Found::broken("there is no site of this name"),
    }
}

fn connection_trouble(error: &io::Error) -> Found {
    match error.kind() {
        // This machine has no way there.
        io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::PermissionDenied => Found::unclear("this computer could not reach it"),
        _ => Found::broken("no answer"),
    }
}

#[cfg(test)]
mod tests;
