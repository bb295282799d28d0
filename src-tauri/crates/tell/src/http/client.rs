//! The HTTP client: whom it trusts, and what its failures mean.

use std::{error::Error, io, path::Path, sync::Arc};

use reqwest::{Client, redirect::Policy};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use rustls_platform_verifier::Verifier;

use super::Address;
use crate::{Result, TellError, text};

/// A client for one call.
pub(crate) fn client(address: &Address, authority: Option<&Path>) -> Result<Client> {
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .user_agent(concat!("Backstay/", env!("CARGO_PKG_VERSION")));
    // Reading the system's certificates takes a while, but an open address may lead to a safe one.
    builder = builder.tls_backend_preconfigured(trust(address, authority)?);
    if address.is_here() {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| TellError::NoResources {
        reason: root(&error.without_url()),
    })
}

/// Reads an authority's certificates.
pub(crate) fn authority(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let bad = || TellError::BadAuthority { path: path.to_owned() };
    let read = CertificateDer::pem_file_iter(path).map_err(|_| bad())?;
    let certificates: Vec<_> = read.collect::<std::result::Result<_, _>>().map_err(|_| bad())?;
    if certificates.is_empty() {
        Err(bad())
    } else {
        Ok(certificates)
    }
}

fn trust(address: &Address, path: Option<&Path>) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let extra = path.map(authority).transpose()?.unwrap_or_default();
    let no_trust = |error: rustls::Error| TellError::Tls {
        place: address.place.clone(),
        reason: error.to_string(),
    };
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(no_trust)?;
    let builder = match Verifier::new_with_extra_roots(extra, provider) {
        // "Dangerous" is any verifier but the built-in one; this is the system's.
        Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)),
        // A computer without any certificates can still speak to an open address.
        Err(_) if address.url.scheme() == "http" => builder.with_root_certificates(RootCertStore::empty()),
        Err(error) => return Err(no_trust(error)),
    };
    Ok(builder.with_no_client_auth())
}

/// The error for a request without an answer.
pub(super) fn broken(address: &Address, error: reqwest::Error) -> TellError {
    let error = error.without_url();
    let place = address.place.clone();
    let reason = text::without(&root(&error), &address.secrets());
    if is_tls(&error) {
        TellError::Tls { place, reason }
    } else {
        TellError::Unreachable { place, reason }
    }
}

/// Whether TLS is at the root of an error.
pub(crate) fn is_tls(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<rustls::Error>())
}

/// The innermost cause, in words.
pub(crate) fn root(error: &(dyn Error + 'static)) -> String {
    let Some(last) = causes(error).last() else {
        return String::new();
    };
    // The TLS library's words for it are for programmers.
    let hung_up = |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof;
    if causes(error).filter_map(|cause| cause.downcast_ref()).any(hung_up) {
        return "it hung up".to_owned();
    }
    text::line(&last.to_string(), 200)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // What an `io::Error` wraps is not its source but stands for it.
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}
