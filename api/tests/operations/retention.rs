//! How long the audit is kept by the real server.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use fake_openpai::{Config, FakeOpenPai};

use crate::server::Server;

fn sqlite(folder: &Path, sql: &str) -> String {
    let output = Command::new("sqlite3")
        .args(["data/marketplace.db", sql])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn audit_days_says_it() {
    let folder = tempfile::tempdir().unwrap();
    let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
    Server::start(folder.path(), &openpai, &[]).await.kill();
    let line = |age: &str| {
        format!(
            "INSERT INTO audit (at, user_name, action, kind, target_id, target_name, details) VALUES \
             (strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '-{age} days'), 'bob', 'update', 'item', 'test', '{age}', '[]')"
        )
    };
    for age in ["30", "399", "401", "4000"] {
        sqlite(folder.path(), &line(age));
    }
    let left = || {
        sqlite(
            folder.path(),
            "SELECT group_concat(target_name) FROM (SELECT target_name FROM audit WHERE target_id = 'test' ORDER BY id)",
        )
    };
    for (setting, wanted) in [
        (Some("0"), "30,399,401,4000"),
        (Some("1000"), "30,399,401"),
        (None, "30,399"),
        (Some("7"), ""),
    ] {
        let setting = setting.map(|days| ("AUDIT_DAYS", days));
        let settings = setting.as_slice();
        let mut server = Server::start(folder.path(), &openpai, settings).await;
        let deadline = Instant::now() + Duration::from_secs(20);
        while left() != wanted {
            assert!(Instant::now() < deadline, "{settings:?}: {}", left());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server.kill();
    }
}
