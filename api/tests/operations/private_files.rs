//! Who may read what SQLite writes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use fake_openpai::{Config, FakeOpenPai};

use crate::server::Server;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn assert_private(data: &Path) {
    for name in ["", "-wal", "-shm", ".lock"] {
        let path = data.join(format!("marketplace.db{name}"));
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn only_their_owner_may_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("deep/data");
    let settings = [("DATABASE_URL", "sqlite://deep/data/marketplace.db")];
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    let server = Server::start(folder.path(), &openpai, &settings).await;
    assert_private(&data);
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(data.parent().unwrap()), 0o700);
    assert!(!server.log().contains("rights"), "{}", server.log());
    // A crash leaves all of them there.
    drop(server);

    // Restored by somebody whose files all may read.
    for name in ["", "-wal", "-shm", ".lock"] {
        let path = data.join(format!("marketplace.db{name}"));
        fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
    }
    fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    let server = Server::start(folder.path(), &openpai, &settings).await;
    assert_private(&data);
    assert_eq!(mode(&data), 0o755, "a folder that was there is left alone");
    let log = server.log();
    let lines = log
        .lines()
        .filter(|line| line.contains("other users had rights"));
    assert_eq!(lines.count(), 4, "{log}");
    assert!(
        log.contains("WARN") && log.contains("mode=\"644\""),
        "{log}"
    );
}

/// `umask` is what a shell or service manager chose.
#[test]
fn a_wide_umask_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let script = "umask 000 && exec \"$0\" migrate";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_marketplace")])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let data = folder.path().join("data");
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("marketplace.db")), 0o600);
    assert_eq!(mode(&data.join("marketplace.db.lock")), 0o600);
}
