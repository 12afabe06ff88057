//! TLS to the mail server: Mozilla's roots, and the ones of `ca_file` where the relay has a certificate of its own house.

use std::io;
use std::sync::Arc;

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::server::SmtpServer;
use super::stream::{EncryptedStream, WatchedStream};

/// The certificates in a PEM file, as DER.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, PemError> {
    CertificateDer::pem_slice_iter(pem)
        .map(|certificate| Ok(certificate?.as_ref().to_vec()))
        .collect()
}

/// Begins TLS on a fresh connection (RFC 8314, implicit TLS).
pub(super) async fn handshake(
    server: &SmtpServer,
    stream: WatchedStream,
) -> io::Result<EncryptedStream> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for certificate in server.extra_roots() {
        roots
            .add(CertificateDer::from(certificate.clone()))
            .map_err(io::Error::other)?;
    }
    let config =
        ClientConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
    let name = ServerName::try_from(server.host().to_owned()).map_err(io::Error::other)?;
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    Ok(EncryptedStream(stream))
}

/// The same trust for STARTTLS, which lettre does.
pub(super) fn parameters(server: &SmtpServer) -> Result<TlsParameters, SmtpError> {
    let mut builder = TlsParameters::builder(server.host().to_owned());
    for certificate in server.extra_roots() {
        builder = builder.add_root_certificate(Certificate::from_der(certificate.clone())?);
    }
    builder.build()
}
