//! TLS with an authority of one's own.

use backstay_couchdb_standin::{Config, Standin, Tls};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use reqwest::blocking::Client;

#[test]
fn a_client_that_trusts_the_authority_gets_in_and_another_does_not() {
    crate::client::plain();
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let certificate = names.signed_by(&key, &issuer).unwrap();
    let standin = Standin::start(Config {
        tls: Some(Tls {
            certificates: certificate.pem(),
            key: key.serialize_pem(),
        }),
        ..Config::default()
    })
    .unwrap();
    assert!(standin.url().starts_with("https://127.0.0.1:"));
    let trusting = Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(root.pem().as_bytes()).unwrap()])
        .build()
        .unwrap();
    assert_eq!(trusting.get(standin.url()).send().unwrap().status(), 200);
    assert!(Client::new().get(standin.url()).send().is_err());
}
