//! A real nginx in front of servers.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testkit::free_port;

/// A running nginx; killed when the test ends.
pub(crate) struct Nginx {
    child: Child,
    pub(crate) url: String,
}

impl Nginx {
    /// Starts one whose configuration holds `outside` of and `inside` its one server.
    pub(crate) async fn start(folder: &Path, outside: &str, inside: &str) -> Self {
        let program = program().expect("these tests want nginx: install Debian's nginx-light");
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let configuration = folder.join("nginx.conf");
        let place = folder.display();
        // Its workers are whoever the test is: nobody else may enter the folder.
        let user = if rustix::process::geteuid().is_root() {
            "user root;"
        } else {
            ""
        };
        let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {place}/{kind};\n"))
            .concat();
        fs::write(
            &configuration,
            format!(
                "{user} daemon off; pid {place}/nginx.pid; error_log {place}/nginx.log; worker_processes 1;\n\
                 events {{ worker_connections 512; }}\n\
                 http {{ access_log off; {paths}\n{outside}\n\
                 server {{ listen 127.0.0.1:{port};\n{inside}\n}} }}\n"
            ),
        )
        .unwrap();
        let child = Command::new(program)
            .arg("-e")
            .arg(folder.join("nginx.log"))
            .arg("-c")
            .arg(configuration)
            .arg("-p")
            .arg(folder)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut nginx = Self { child, url };
        let deadline = Instant::now() + Duration::from_secs(30);
        while reqwest::get(&nginx.url).await.is_err() {
            let log = || fs::read_to_string(folder.join("nginx.log")).unwrap_or_default();
            assert!(
                nginx.child.try_wait().unwrap().is_none(),
                "nginx ended: {}",
                log()
            );
            assert!(
                Instant::now() < deadline,
                "nginx did not get ready: {}",
                log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        nginx
    }

    /// With the rules that OpenPAI's pylon has for the marketplace.
    pub(crate) async fn pylon(folder: &Path, api: &str, webportal: &str) -> Self {
        let rules = format!(
            "location ~ ^/marketplace(/api)?$ {{ return 301 $uri/; }}\n\
             location ~ ^/marketplace/api/(.*)$ {{ proxy_pass {api}/$1$is_args$args; }}\n\
             location ~ ^/marketplace/(.*)$ {{ proxy_pass {webportal}/$1; }}\n\
             location / {{ return 200 portal; }}"
        );
        Self::start(folder, "", &rules).await
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM ends its workers too, SIGKILL would leave them.
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.child.wait();
    }
}

/// Debian keeps it out of PATH of those who are not root.
fn program() -> Option<PathBuf> {
    let on_path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&on_path)
        .chain(["/usr/sbin".into()])
        .map(|folder| folder.join("nginx"))
        .find(|program| program.is_file())
}
