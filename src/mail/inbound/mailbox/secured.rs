//! The connection to a mailbox's server: encrypted, and the server's name proven.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::{MailboxError, MailboxServer, Stream, within};

/// Opens the connection; nothing is said yet.
pub(super) async fn connect(server: &MailboxServer) -> Result<Box<dyn Stream>, MailboxError> {
    let tcp = within(TcpStream::connect((server.host.as_str(), server.port))).await??;
    tcp.set_nodelay(true)?;
    if server.tls {
        Ok(Box::new(within(encrypt(server, tcp)).await??))
    } else {
        Ok(Box::new(tcp))
    }
}

async fn encrypt(server: &MailboxServer, tcp: TcpStream) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for certificate in &server.roots {
        roots
            .add(CertificateDer::from(certificate.clone()))
            .map_err(io::Error::other)?;
    }
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(server.host.clone()).map_err(io::Error::other)?;
    TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
}
