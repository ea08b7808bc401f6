//! The client's half of the program: what one does with a marketplace from a shell.

mod catalogue;
mod folders;
mod jobs;
mod trouble;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use fake_openpai::{Config, FakeOpenPai};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::Server;

const PROTOCOL: &str = "\
protocolVersion: 2
name: smoke
type: job
parameters:
  epochs: 10
  rate: 0.5
prerequisites:
  - name: image
    type: dockerimage
    uri: ubuntu:22.04
taskRoles:
  main:
    dockerImage: image
    resourcePerInstance:
      cpu: 1
      memoryMB: 1024
      gpu: 1
    commands:
      - train --epochs <% $parameters.epochs %> --token <% $secrets.token %>
secrets:
  token: ''
";

/// A marketplace, and a folder to call it from.
struct Shell {
    openpai: FakeOpenPai,
    server: Server,
    folder: TempDir,
    _data: TempDir,
}

/// What a command said.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    error: String,
}

impl Shell {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let openpai = FakeOpenPai::start(Config::default()).await.unwrap();
        let server = Server::start(data.path(), &openpai, &[]).await;
        Self {
            openpai,
            server,
            folder: tempfile::tempdir().unwrap(),
            _data: data,
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Writes a folder of an item.
    fn write_item(&self, name: &str, front: &str) {
        self.write(&format!("{name}/protocol.yaml"), PROTOCOL);
        let readme = format!("---\nname: {name}\n{front}---\n# {name}\n\nWhat it does.\n");
        self.write(&format!("{name}/README.md"), &readme);
    }

    /// Runs a command as somebody.
    async fn run(&self, user: &str, args: &[&str]) -> Said {
        let token = self.openpai.token(user);
        let settings = [
            ("MARKETPLACE_API_URL", &*self.server.url),
            ("IDP_URL", self.openpai.url()),
            ("MARKETPLACE_TOKEN", &token),
        ];
        let said = self.run_with(&settings, args).await;
        assert!(!said.out.contains(&token) && !said.error.contains(&token));
        said
    }

    /// Runs a command with these variables alone.
    async fn run_with(&self, settings: &[(&str, &str)], args: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_marketplace"));
        command
            .args(args)
            .env_clear()
            .envs(settings.iter().copied())
            .current_dir(self.path())
            .stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output());
        let output = output.await.unwrap().unwrap();
        Said {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            error: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Calls the API itself.
    async fn call(&self, user: &str, method: &str, path: &str, body: Value) -> Value {
        let answer = reqwest::Client::new()
            .request(
                method.parse().unwrap(),
                format!("{}{path}", self.server.url),
            )
            .bearer_auth(self.openpai.token(user))
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    /// Makes an item, and answers its id.
    async fn item(&self, author: &str, name: &str, more: Value) -> String {
        let mut body = json!({ "name": name, "author": author, "protocol": PROTOCOL });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        let made = self.call(author, "POST", "/items", body).await;
        made["id"].as_str().unwrap().to_owned()
    }
}

impl Said {
    /// What it printed, if it ended so.
    #[track_caller]
    fn ok(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{self:?}");
        &self.out
    }

    /// That it ended so, and what it said of it.
    #[track_caller]
    fn failed(&self, code: i32, part: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.error.contains(part), "{part}: {self:?}");
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
