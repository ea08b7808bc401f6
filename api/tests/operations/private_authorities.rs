//! Certificates that an authority of one's own has signed, and machines that know no
//! authority at all.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use fake_openpai::{Config, FakeOpenPai};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::postgres::Postgres;
use crate::server::Server;

/// An authority, and a certificate for `localhost` with its key, in PEM.
struct Signed {
    authority: String,
    certificate: String,
    key: String,
}

/// Authorities are told apart by their names.
fn signed(by: &str) -> Signed {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, by);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    Signed {
        authority: authority.pem(),
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    }
}

/// One that has signed itself.
fn self_signed(is_ca: IsCa) -> Signed {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let certificate = params.self_signed(&key).unwrap().pem();
    Signed {
        authority: certificate.clone(),
        certificate,
        key: key.serialize_pem(),
    }
}

/// Puts TLS in front of a server; answers its address.
async fn with_tls(server: &str, signed: &Signed) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let chain = CertificateDer::pem_slice_iter(signed.certificate.as_bytes());
    let chain = chain.collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(signed.key.as_bytes()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let inner = server.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((outer, _)) = listener.accept().await {
            let (acceptor, inner) = (acceptor.clone(), inner.clone());
            tokio::spawn(async move {
                let mut outer = acceptor.accept(outer).await?;
                let mut inner = TcpStream::connect(inner).await?;
                copy_bidirectional(&mut outer, &mut inner).await
            });
        }
    });
    format!("https://localhost:{port}")
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

#[tokio::test]
async fn openpai_may_have_a_certificate_of_an_authority_of_ones_own() {
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for signed in [signed("ours"), self_signed(IsCa::ExplicitNoCa)] {
        let url = with_tls(openpai.url(), &signed).await;
        let authority = write(folder.path(), "authority.pem", &signed.authority);
        let settings = [("IDP_URL", &*url), ("SSL_CERT_FILE", &authority)];
        let mut server = Server::start_unready(folder.path(), &settings).await;
        server
            .wait_until("/readyz", |status, _| status == 200)
            .await;
        let request = reqwest::Client::new().get(format!("{}/items", server.url));
        let answer = request.bearer_auth(openpai.token("alice"));
        assert_eq!(answer.send().await.unwrap().status(), 200);
    }

    // One that is not known, and one as `openssl req -x509` makes it.
    let unknown = Signed {
        authority: signed("other").authority,
        ..signed("ours")
    };
    let marked = self_signed(IsCa::Ca(BasicConstraints::Unconstrained));
    for (signed, parts) in [
        (unknown, ["UnknownIssuer", "set SSL_CERT_FILE"]),
        (marked, ["CaUsedAsEndEntity", "CA:FALSE"]),
    ] {
        let url = with_tls(openpai.url(), &signed).await;
        let authority = write(folder.path(), "authority.pem", &signed.authority);
        let settings = [("IDP_URL", &*url), ("SSL_CERT_FILE", &authority)];
        let mut server = Server::start_unready(folder.path(), &settings).await;
        server
            .wait_until("/readyz", |_, text| text.contains("openpai: out of reach"))
            .await;
        let log = server.log();
        for part in parts {
            assert!(log.contains(part), "{part}: {log}");
        }
    }
}

const NOWHERE: [(&str, &str); 2] = [
    ("SSL_CERT_FILE", "/nonexistent/authorities.pem"),
    ("SSL_CERT_DIR", "/nonexistent"),
];

#[tokio::test]
async fn without_any_authority_http_works_and_https_says_what_is_missing() {
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    drop(Server::start(folder.path(), &openpai, &NOWHERE).await);
    drop(Server::start_unready(folder.path(), &NOWHERE).await);

    let settings = [&NOWHERE[..], &[("IDP_URL", "https://localhost:1")]].concat();
    let program = Command::new(env!("CARGO_BIN_EXE_marketplace"));
    let mut server = Server::spawn(program, "api", folder.path(), &settings);
    assert_eq!(server.exit_code(), Some(2));
    let log = server.log();
    assert!(log.contains("ca-certificates"), "{log}");
    assert!(log.contains("SSL_CERT_FILE"), "{log}");
}

#[tokio::test]
async fn postgresql_may_have_a_certificate_of_an_authority_of_ones_own() {
    let signed_by_ours = signed("ours");
    let mut postgres = Postgres::start();
    postgres.use_certificate(&signed_by_ours.certificate, &signed_by_ours.key);
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ours = write(folder.path(), "authority.pem", &signed_by_ours.authority);
    let other = write(folder.path(), "other.pem", &signed("other").authority);
    let port = postgres.port().to_string();
    let url =
        |host: &str, query: &str| format!("postgres://postgres@{host}:{port}/postgres{query}");

    let by_address = url(
        "localhost",
        &format!("?sslmode=verify-full&sslrootcert={ours}"),
    );
    let by_parts = [
        ("DB_HOST", "localhost"),
        ("DB_PORT", &*port),
        ("DB_USERNAME", "postgres"),
        ("DATABASE", "postgres"),
        ("PGSSLMODE", "verify-full"),
        ("PGSSLROOTCERT", &*ours),
    ];
    for settings in [&[("DATABASE_URL", &*by_address)][..], &by_parts] {
        let server = Server::start(folder.path(), &openpai, settings).await;
        drop(server);
    }

    for (url, parts) in [
        (
            url(
                "localhost",
                &format!("?sslmode=verify-full&sslrootcert={other}"),
            ),
            &["UnknownIssuer", "sslrootcert"][..],
        ),
        (
            url("localhost", "?sslmode=verify-ca"),
            &["UnknownIssuer", "sslrootcert"],
        ),
        // It is for `localhost` alone.
        (
            url(
                "127.0.0.1",
                &format!("?sslmode=verify-full&sslrootcert={ours}"),
            ),
            &["certificate", "sslrootcert"],
        ),
        (
            url(
                "localhost",
                "?sslmode=verify-ca&sslrootcert=/nonexistent.pem",
            ),
            &["No such file", "sslrootcert"],
        ),
    ] {
        let settings = [
            ("DATABASE_URL", &*url),
            ("IDP_URL", openpai.url()),
            ("DB_WAIT", "600"),
        ];
        let program = Command::new(env!("CARGO_BIN_EXE_marketplace"));
        let mut server = Server::spawn(program, "api", folder.path(), &settings);
        assert_eq!(server.exit_code(), Some(2), "{url}");
        let log = server.log();
        for part in parts {
            assert!(log.contains(part), "{url}: {log}");
        }
    }
}
