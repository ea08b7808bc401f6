//! Signed bundles, with keys of ours and of OpenSSL.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::{Place, export, import};
use crate::support::Api;

fn openssl(args: &[&str]) {
    let output = Command::new("openssl").args(args).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test]
async fn a_demanded_signature_has_to_be_there_and_right() {
    let place = Place::new();
    let api = Api::on_sqlite().await;
    let database = &api.database;
    let key = place.file(".key").display().to_string();
    let printed = export(database, &["--new-key", &key]).await.unwrap();
    let public = format!("{key}.pub");
    assert!(printed.contains(&public), "{printed}");
    assert_eq!(
        fs::metadata(&key).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let error = export(database, &["--new-key", &key]).await.unwrap_err();
    assert!(error.contains("is there already"), "{error}");

    let (signed, unsigned, other) = (place.bundle(), place.bundle(), place.bundle());
    export(database, &["--sign-key", &key, &signed])
        .await
        .unwrap();
    export(database, &[&unsigned]).await.unwrap();
    // OpenSSL reads our keys, makes such that we read, and knows our signature.
    let theirs = place.file(".pem").display().to_string();
    let theirs_public = place.file(".pub").display().to_string();
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", &theirs]);
    openssl(&["pkey", "-in", &theirs, "-pubout", "-out", &theirs_public]);
    export(database, &["--sign-key", &theirs, &other])
        .await
        .unwrap();
    let derived = place.file(".pub").display().to_string();
    openssl(&["pkey", "-in", &key, "-pubout", "-out", &derived]);
    assert_eq!(
        fs::read_to_string(&derived).unwrap(),
        fs::read_to_string(&public).unwrap()
    );
    let folder = place.folder.path();
    let unpacked = Command::new("tar")
        .args(["-xf", &signed, "manifest.json", "manifest.sig"])
        .current_dir(folder)
        .status()
        .unwrap();
    assert!(unpacked.success());
    let [manifest, signature] =
        ["manifest.json", "manifest.sig"].map(|name| folder.join(name).display().to_string());
    openssl(&[
        "pkeyutl", "-verify", "-pubin", "-inkey", &public, "-rawin", "-in", &manifest, "-sigfile",
        &signature,
    ]);

    let report = import(database, &["--verify-key", &public, &signed])
        .await
        .unwrap();
    assert!(
        report.contains("signed by the key that was wanted"),
        "{report}"
    );
    let report = import(database, &["--verify-key", &theirs_public, &other])
        .await
        .unwrap();
    assert!(report.contains("signed by the key"), "{report}");
    let report = import(database, &[&signed]).await.unwrap();
    assert!(report.contains("signed by somebody"), "{report}");
    for (key, bundle, part) in [
        (&public, &unsigned, "not signed"),
        (&public, &other, "not that of the key"),
        (&theirs_public, &signed, "not that of the key"),
        (&key, &signed, "no public Ed25519 key"),
    ] {
        let error = import(database, &["--verify-key", key, bundle])
            .await
            .unwrap_err();
        assert!(error.contains(part), "{error}");
        assert!(!error.contains("PRIVATE"), "{error}");
    }
    let error = export(database, &["--sign-key", &public, &place.bundle()])
        .await
        .unwrap_err();
    assert!(error.contains("no private Ed25519 key"), "{error}");

    // Whoever changes a row has to change the manifest, and then the signature is wrong.
    let bytes = fs::read(&signed).unwrap();
    let at = bytes.windows(9).position(|b| b == b"catalogue").unwrap();
    let mut changed = bytes;
    changed[at] = b'C';
    let path = place.bundle();
    fs::write(&path, changed).unwrap();
    let error = import(database, &["--verify-key", &public, &path])
        .await
        .unwrap_err();
    assert!(error.contains("not that of the key"), "{error}");
    assert!(Path::new(&signed).exists());
}
