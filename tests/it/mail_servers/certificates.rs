//! Certificates for the servers, by an authority that is made for one test and thrown away with it.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

/// An authority, with its files in a server's folder.
pub struct Authority {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Makes one, and `ca.pem` with its certificate in this folder.
    pub fn new(folder: &Path) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority
            .distinguished_name
            .push(DnType::CommonName, "Sample House Authority");
        let certificate = authority.self_signed(&key).unwrap();
        std::fs::write(folder.join("ca.pem"), certificate.pem()).unwrap();
        write_private(
            &folder.join("own.pem"),
            key.serialize_pem() + &certificate.pem(),
        );
        Self {
            folder: folder.to_owned(),
            issuer: Issuer::new(authority, key),
        }
    }

    /// A good one for `localhost`. Returns the file with key and certificate.
    pub fn good(&self) -> PathBuf {
        self.write("good.pem", CertificateParams::new(["localhost".to_owned()]))
    }

    /// One for another name.
    pub fn of_another_name(&self) -> PathBuf {
        let names = ["mail.elsewhere.example".to_owned()];
        self.write("elsewhere.pem", CertificateParams::new(names))
    }

    /// The authority's own, as a server's: what `openssl req -x509` makes unless it is told otherwise.
    pub fn own(&self) -> PathBuf {
        self.folder.join("own.pem")
    }

    /// One that was good once.
    pub fn expired(&self) -> PathBuf {
        let parameters = CertificateParams::new(["localhost".to_owned()]).map(|mut parameters| {
            parameters.not_before = date_time_ymd(2020, 1, 1);
            parameters.not_after = date_time_ymd(2021, 3, 31);
            parameters
        });
        self.write("expired.pem", parameters)
    }

    fn write(&self, name: &str, parameters: Result<CertificateParams, rcgen::Error>) -> PathBuf {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.unwrap().signed_by(&key, &self.issuer).unwrap();
        let file = self.folder.join(name);
        write_private(&file, key.serialize_pem() + &certificate.pem());
        file
    }
}

fn write_private(file: &Path, content: String) {
    std::fs::write(file, content).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(file, private).unwrap();
}
