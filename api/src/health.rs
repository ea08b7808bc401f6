//! `marketplace health`: asks a server on this machine how it is, for health checks of
//! containers whose image has neither a shell nor curl.

use std::fmt::Display;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use http_body_util::{BodyExt, Collected, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::header::HOST;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use reqwest::Url;
use tokio::net::TcpStream;

use crate::config::{ListenOptions, environment};

/// The most bytes of an answer that are read.
const MOST: usize = 4096;

/// A server of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The REST API, at PORT
    Api,
    /// The web portal, at SERVER_PORT
    Webportal,
}

/// The settings of `marketplace health`.
#[derive(Args, Debug)]
pub struct HealthOptions {
    /// Which server to ask
    #[arg(value_enum, value_name = "SERVER")]
    pub kind: Kind,
    /// Ask whether it is ready (/readyz), not only whether it lives (/healthz)
    #[arg(long)]
    pub ready: bool,
    #[allow(
        rustdoc::broken_intra_doc_links,
        reason = "the text of the help, in which an address is no link"
    )]
    /// Address of the server, such as http://[::1]:9292; default: its port on
    /// LISTEN_ADDRESS, or on 127.0.0.1 and ::1
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Seconds to wait for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = environment::number(1..=60_u64))]
    pub timeout: u64,
    /// Port of the API
    #[arg(long, env = "PORT", default_value_t = 9292, value_parser = environment::number(1..=u16::MAX))]
    pub port: u16,
    /// Port of the web portal
    #[arg(long, env = "SERVER_PORT", default_value_t = 9293, value_parser = environment::number(1..=u16::MAX))]
    pub server_port: u16,
    /// The IP address that the server listens on
    #[arg(long, env = "LISTEN_ADDRESS", value_name = "ADDRESS", value_parser = ListenOptions::parse_address)]
    pub listen_address: Option<IpAddr>,
}

impl HealthOptions {
    /// Asks; a line that says so when all is well.
    ///
    /// # Errors
    /// Why it is not: nobody answers, not in time, or something else than 200.
    pub async fn ask(&self) -> anyhow::Result<String> {
        let path = if self.ready { "/readyz" } else { "/healthz" };
        let addresses = self.addresses().await?;
        let asked = async {
            let (address, stream) = connect(&addresses).await?;
            let url = format!("http://{address}{path}");
            let (status, text) = get(stream, &address, path)
                .await
                .with_context(|| format!("{url} does not answer"))?;
            let answer = format!("{url} answered {}: {text}", status.as_u16());
            ensure!(status == StatusCode::OK, answer);
            Ok(answer)
        };
        let time = Duration::from_secs(self.timeout);
        match tokio::time::timeout(time, asked).await {
            Ok(answer) => answer,
            Err(_) => bail!(
                "no answer from {} within {} s",
                list(&addresses),
                self.timeout
            ),
        }
    }

    /// Where the server may be.
    async fn addresses(&self) -> anyhow::Result<Vec<SocketAddr>> {
        if let Some(url) = self.url.as_deref() {
            let url = Url::parse(url).ok().filter(|url| url.scheme() == "http");
            let url = url.context(
                "--url is no address that begins with http://, such as http://[::1]:9292",
            )?;
            let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
            let port = url.port_or_known_default().unwrap_or_default();
            let found = tokio::net::lookup_host((host, port)).await;
            return Ok(found
                .context("--url: the name cannot be resolved")?
                .collect());
        }
        let port = match self.kind {
            Kind::Api => self.port,
            Kind::Webportal => self.server_port,
        };
        let listening = self
            .listen_address
            .filter(|address| !address.is_unspecified());
        let both = [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            Ipv6Addr::LOCALHOST.into(),
        ];
        Ok(listening
            .map_or(both.to_vec(), |address| vec![address])
            .into_iter()
            .map(|address| (address, port).into())
            .collect())
    }
}

async fn connect(addresses: &[SocketAddr]) -> anyhow::Result<(SocketAddr, TcpStream)> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok((*address, stream)),
            // Of two reasons the first one says more: IPv6 is what may be missing.
            Err(error) if address == &addresses[0] => last = error,
            Err(_) => {}
        }
    }
    Err(last).with_context(|| format!("nobody listens at {}", list(addresses)))
}

/// What stands there, in one line.
async fn get(
    stream: TcpStream,
    host: &impl Display,
    path: &str,
) -> anyhow::Result<(StatusCode, String)> {
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::get(path)
        .header(HOST, host.to_string())
        .body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), MOST).collect().await;
    connection.abort();
    let body = body.map_or_else(|_| Bytes::new(), Collected::to_bytes);
    let text = String::from_utf8_lossy(&body);
    Ok((status, text.trim().lines().collect::<Vec<_>>().join("; ")))
}

fn list(addresses: &[SocketAddr]) -> String {
    let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    addresses.join(" or ")
}
