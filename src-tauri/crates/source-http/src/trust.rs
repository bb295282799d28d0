//! Whom a client trusts: what the system trusts, and certificates a person names.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use rustls_platform_verifier::Verifier;

use crate::{Address, HttpError, Result};

/// The TLS settings for `address`, with the certificates of the PEM file `authority` trusted too.
pub(crate) fn trust(address: &Address, authority: Option<&Path>) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let extra = authority.map(certificates).transpose()?.unwrap_or_default();
    let no_trust = |error: rustls::Error| HttpError::Tls {
        place: address.place().to_owned(),
        reason: error.to_string(),
    };
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(no_trust)?;
    let builder = match Verifier::new_with_extra_roots(extra, provider) {
        // "Dangerous" is any verifier but the built-in one; this is the system's.
        Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)),
        // A computer without any certificates can still speak to an open address.
        Err(_) if address.place().starts_with("http:") => builder.with_root_certificates(RootCertStore::empty()),
        Err(error) => return Err(no_trust(error)),
    };
    Ok(builder.with_no_client_auth())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let bad = || HttpError::BadAuthority { path: path.to_owned() };
    let read = CertificateDer::pem_file_iter(path).map_err(|_| bad())?;
    let certificates: Vec<_> = read.collect::<std::result::Result<_, _>>().map_err(|_| bad())?;
    if certificates.is_empty() {
        Err(bad())
    } else {
        Ok(certificates)
    }
}
