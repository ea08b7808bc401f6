//! Just enough HTTP to ask a server of ours on this machine.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

/// Asks, and hands over the body of an answer 200.
///
/// # Errors
/// When there is no answer, or another status.
pub(crate) fn ask(
    port: u16,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    // HTTP/1.0, whose answers end where the connection does.
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .context("an answer without a body")?;
    ensure!(
        head.split(' ').nth(1) == Some("200"),
        "{method} {path} was answered: {}",
        head.lines().next().unwrap_or_default()
    );
    Ok(body.to_owned())
}
