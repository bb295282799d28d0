//! TLS: trusted by the system or by a named authority, never otherwise.

use std::{net::TcpListener, path::PathBuf, sync::Arc};

use backstay_model::ErrorKind;
use backstay_source_http::{Client, HttpError, NoAuth, Request, Settings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use crate::{
    server::{Server, ok},
    settings,
};

/// A server whose certificate for `name` is signed by an authority of its own, and the authority's file.
fn server(name: &str) -> (Server, tempfile::TempDir, PathBuf) {
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ca.pem");
    std::fs::write(&file, issuer.pem()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    (Server::on(listener, Some(Arc::new(config)), |_, _| ok("safe")), dir, file)
}

fn ask(server: &Server, authority: Option<PathBuf>) -> Result<(), HttpError> {
    let settings = Settings { authority, ..settings() };
    let client = Client::new(&format!("https://localhost:{}", server.port), settings, Arc::new(NoAuth))?;
    client.read(Request::get(["x"]), 10).map(drop)
}

#[test]
fn a_named_authority_is_trusted() {
    let (server, _dir, file) = server("localhost");
    ask(&server, Some(file)).unwrap();
    assert_eq!(server.count(), 1);
}

#[test]
fn nobody_else_is_and_trying_again_does_not_help() {
    let (server, _dir, _) = server("localhost");
    let error = ask(&server, None).unwrap_err();
    assert!(matches!(error, HttpError::Tls { .. }), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.hint().unwrap().contains("authority"));
    assert_eq!(server.count(), 0);
    assert!(server.connections.load(std::sync::atomic::Ordering::Relaxed) <= 1, "one try");
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let (server, _dir, file) = server("elsewhere.example");
    assert!(matches!(ask(&server, Some(file)).unwrap_err(), HttpError::Tls { .. }));
    assert_eq!(server.count(), 0);
}

#[test]
fn a_file_without_certificates_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (server, ..) = server("localhost");
    for content in [None, Some("no certificate"), Some("-----BEGIN CERTIFICATE-----\nAAAA")] {
        let file = dir.path().join("ca.pem");
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let error = ask(&server, Some(file.clone())).unwrap_err();
        assert!(
            matches!(&error, HttpError::BadAuthority { path } if *path == file),
            "{error:?}"
        );
    }
}
