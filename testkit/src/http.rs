//! HTTP byte for byte, for what no honest client sends.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, ToSocketAddrs};

/// The longest that a server may take until it closes a connection.
const PATIENCE: Duration = Duration::from_secs(40);

/// Connects and sends `start`, which may be half a request.
///
/// # Panics
/// When nobody listens there, or the connection breaks.
pub async fn send(address: impl ToSocketAddrs, start: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = connect(address).await;
    let sent = stream.write_all(start.as_ref()).await;
    sent.expect("a connection that stays open");
    stream
}

async fn connect(address: impl ToSocketAddrs) -> TcpStream {
    TcpStream::connect(address).await.expect("a connection")
}

/// Reads until the server closes the connection; what it has said. One that is reset
/// has said what it had to say.
///
/// # Panics
/// When it stays open.
pub async fn until_closed(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    read.expect("the server closes the connection").ok();
    String::from_utf8_lossy(&answer).into_owned()
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// 0 where there is none.
    pub status: u16,
    /// Status line and headers, in small letters.
    pub head: String,
    /// What is behind them, as it was sent.
    pub body: String,
}

impl Answer {
    /// Sends a whole request and reads until the server closes the connection, which it
    /// may do before it has read everything.
    ///
    /// # Panics
    /// When nobody listens there, or the connection stays open.
    pub async fn to(address: impl ToSocketAddrs, request: impl AsRef<[u8]>) -> Self {
        let mut stream = connect(address).await;
        stream.write_all(request.as_ref()).await.ok();
        Self::of(&until_closed(&mut stream).await)
    }

    fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Self {
            status: status.unwrap_or_default(),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }
}
