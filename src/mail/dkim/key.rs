//! Private keys: read from PEM files, and told by what the DNS has to say of them.

use std::io::Read as _;
use std::path::Path;

use aws_lc_rs::digest::Digest;
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use thiserror::Error;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};

/// The fewest bits of an RSA key that signs: what RFC 8301, section 3.2 asks signers for, and what receivers expect.
pub const FEWEST_RSA_BITS: usize = 2048;

/// The most bits of an RSA key that every receiver has to be able to check (RFC 8301, section 3.2).
pub const MOST_RSA_BITS: usize = 4096;

/// No key takes so many bytes; what is larger is some other file.
const LONGEST_FILE: u64 = 64 * 1024;

/// A private key in PKCS#8 as a PEM text (RFC 7468, section 10).
fn as_pem(der: &[u8]) -> SecretString {
    let encoded = BASE64.encode(der);
    let mut pem = String::with_capacity(encoded.len() + 128);
    pem.push_str("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    SecretString::from(pem)
}

/// A key that signs.
pub struct PrivateKey(Kind);

enum Kind {
    Rsa { pair: RsaKeyPair, public: Vec<u8> },
    Ed25519(Ed25519KeyPair),
}

/// Why a file is no key to sign with. Nothing of what the file holds is repeated.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The file holds something else.
    #[error(
        "it holds no private key; give a file that begins with -----BEGIN PRIVATE KEY----- or \
         -----BEGIN RSA PRIVATE KEY-----"
    )]
    NoKey,
    /// Only the half that everybody may have.
    #[error("it holds the public key; give the file with the private one")]
    Public,
    /// A key that asks for a passphrase.
    #[error(
        "its key is protected by a passphrase, which nobody types in when the service starts; write it \
         without one (openssl pkey -in FILE -out NEW) and let only the service read it"
    )]
    Encrypted,
    /// A PEM frame whose content is damaged, or a key whose numbers do not fit together.
    #[error("its key is damaged")]
    Damaged,
    /// A key of another algorithm.
    #[error("its key is neither of RSA nor of Ed25519, the two that DKIM knows")]
    OtherAlgorithm,
    /// An RSA key that is too weak.
    #[error(
        "its RSA key has fewer than {FEWEST_RSA_BITS} bits, with which signatures can be forged or are not believed; make a \
         new one"
    )]
    TooSmall,
    /// An RSA key that no receiver could handle.
    #[error("its RSA key has more than 8192 bits; make one of {FEWEST_RSA_BITS}")]
    TooLarge,
}

impl PrivateKey {
    /// A new key of RSA, with the fewest bits that every receiver believes, as a PEM text. Its signature costs a fifth of a
    /// millisecond, and its record fits into two pieces.
    ///
    /// # Errors
    /// A fault of the cryptographic library or of the system's random numbers.
    pub fn new_rsa() -> Result<SecretString, Unspecified> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
        let der: Pkcs8V1Der<'_> = pair.as_der()?;
        Ok(as_pem(der.as_ref()))
    }

    /// A new key of Ed25519, as a PEM text.
    ///
    /// # Errors
    /// As [`PrivateKey::new_rsa`].
    pub fn new_ed25519() -> Result<SecretString, Unspecified> {
        let pair = Ed25519KeyPair::generate()?;
        Ok(as_pem(pair.to_pkcs8v1()?.as_ref()))
    }

    /// Reads the first private key of a PEM file.
    ///
    /// # Errors
    /// [`KeyError`], which says what is wrong with the file.
    pub fn read(file: &Path) -> Result<Self, KeyError> {
        let mut content = Vec::new();
        std::fs::File::open(file)?
            .take(LONGEST_FILE + 1)
            .read_to_end(&mut content)?;
        let content = SecretSlice::from(content);
        if content.expose_secret().len() as u64 > LONGEST_FILE {
            return Err(KeyError::NoKey);
        }
        Self::from_pem(content.expose_secret())
    }

    /// Reads the first private key of a PEM text: PKCS#8, or PKCS#1 for RSA.
    ///
    /// # Errors
    /// [`KeyError`], but for `Unreadable`.
    pub fn from_pem(text: &[u8]) -> Result<Self, KeyError> {
        let has = |words: &str| {
            text.windows(words.len())
                .any(|part| part == words.as_bytes())
        };
        // The old form says it within a frame that promises a plain key (RFC 1421, section 4.6.1.1).
        if has("BEGIN ENCRYPTED PRIVATE KEY") || has("Proc-Type: 4,ENCRYPTED") {
            return Err(KeyError::Encrypted);
        }
        if !has("PRIVATE KEY-----") {
            return Err(if has("PUBLIC KEY-----") {
                KeyError::Public
            } else {
                KeyError::NoKey
            });
        }
        match PrivateKeyDer::from_pem_slice(text) {
            Ok(PrivateKeyDer::Pkcs1(der)) => {
                Self::rsa(RsaKeyPair::from_der(der.secret_pkcs1_der()))
            }
            Ok(PrivateKeyDer::Pkcs8(der)) => {
                let der = der.secret_pkcs8_der();
                match Ed25519KeyPair::from_pkcs8(der) {
                    Ok(pair) => Ok(Self(Kind::Ed25519(pair))),
                    Err(_) => Self::rsa(RsaKeyPair::from_pkcs8(der)),
                }
            }
            Ok(_) => Err(KeyError::OtherAlgorithm),
            // OpenSSH's own format, say.
            Err(pem::Error::NoItemsFound) => Err(KeyError::NoKey),
            Err(_) => Err(KeyError::Damaged),
        }
    }

    fn rsa(pair: Result<RsaKeyPair, KeyRejected>) -> Result<Self, KeyError> {
        let pair = pair.map_err(|rejected| match rejected.to_string().as_str() {
            "TooSmall" => KeyError::TooSmall,
            "TooLarge" => KeyError::TooLarge,
            "WrongAlgorithm" => KeyError::OtherAlgorithm,
            _ => KeyError::Damaged,
        })?;
        // As SubjectPublicKeyInfo, which `openssl` writes in RFC 6376, appendix C, and all the world publishes.
        let public = pair.public_key().as_der().map_err(|_| KeyError::Damaged)?;
        let public = public.as_ref().to_vec();
        Ok(Self(Kind::Rsa { pair, public }))
    }

    /// The value of `a=` in its signatures.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match self.0 {
            Kind::Rsa { .. } => "rsa-sha256",
            Kind::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// Its length in bits, if it is of RSA.
    #[must_use]
    pub fn rsa_bits(&self) -> Option<usize> {
        match &self.0 {
            Kind::Rsa { pair, .. } => Some(pair.public_modulus_len() * 8),
            Kind::Ed25519(_) => None,
        }
    }

    /// The TXT record with its public half (RFC 6376, section 3.6.1; RFC 8463, section 4).
    #[must_use]
    pub fn record(&self) -> String {
        let (name, public) = match &self.0 {
            Kind::Rsa { public, .. } => ("rsa", BASE64.encode(public)),
            Kind::Ed25519(pair) => ("ed25519", BASE64.encode(pair.public_key())),
        };
        format!("v=DKIM1; k={name}; p={public}")
    }

    /// Signs what has this SHA-256 digest: with PKCS#1 v1.5 for RSA (RFC 6376, section 3.3.1), and the digest itself as the
    /// message for Ed25519 (RFC 8463, section 3).
    pub(super) fn sign(&self, digest: &Digest) -> Result<Vec<u8>, Unspecified> {
        match &self.0 {
            Kind::Rsa { pair, .. } => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign_digest(&RSA_PKCS1_SHA256, digest, &mut signature)?;
                Ok(signature)
            }
            Kind::Ed25519(pair) => Ok(pair.try_sign(digest.as_ref())?.as_ref().to_vec()),
        }
    }
}
