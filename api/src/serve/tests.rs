use std::time::Instant;

use poem::endpoint::make_sync;
use poem::http::StatusCode;
use testkit::http;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;

/// Shorter than in operation.
const LIMITS: Limits = Limits {
    connections: 4,
    head: Duration::from_millis(400),
    stall: Duration::from_millis(400),
    send: Duration::from_secs(1),
};

/// A server whose answer has as many bytes as the path says.
struct Server {
    address: SocketAddr,
    stop: Arc<Notify>,
    running: JoinHandle<()>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        Self::start_with(limits, Duration::ZERO).await
    }

    async fn start_with(limits: Limits, drain: Duration) -> Self {
        let endpoint = make_sync(|request: poem::Request| {
            let length = request.uri().path().trim_matches('/').parse();
            length.map_or(StatusCode::NOT_FOUND.into(), |length: usize| {
                Response::from("x".repeat(length))
            })
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let told = Arc::new(Notify::new());
        let signal = told.clone();
        let stop = Stop::after(async move { signal.notified().await }, drain);
        let running = tokio::spawn(run(listener, endpoint, limits, stop));
        Self {
            address,
            stop: told,
            running,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends `request`.
    async fn send(&self, request: &str) -> TcpStream {
        http::send(self.address, request).await
    }

    /// Whether an honest client gets an answer.
    async fn answers(&self) -> bool {
        let request = "GET /5 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
        let answer = http::Answer::to(self.address, request).await;
        answer.body == "xxxxx"
    }
}

/// Waits until the server has closed the connection, and says how long it took.
async fn closed(stream: &mut TcpStream) -> Duration {
    let begun = Instant::now();
    let mut buffer = [0; 1024];
    let read = async {
        // An error is a connection that was reset.
        while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    };
    tokio::time::timeout(Duration::from_secs(20), read)
        .await
        .expect("the server cuts the connection");
    begun.elapsed()
}

#[tokio::test]
async fn who_sends_no_whole_head_is_cut_off() {
    let server = Server::start(LIMITS).await;
    for start in ["", "GET /5 HTTP/1.1\r\nhost"] {
        let mut stream = server.send(start).await;
        let took = closed(&mut stream).await;
        assert!(took >= Duration::from_millis(300), "{start}: {took:?}");
        assert!(took < Duration::from_secs(5), "{start}: {took:?}");
    }
    // Nor does it help to send it drop by drop.
    let (mut read, mut write) = server.connect().await.into_split();
    let drops = tokio::spawn(async move {
        for byte in "GET /5 HTTP/1.1\r\n".bytes().chain(std::iter::repeat(b'x')) {
            if write.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut rest = Vec::new();
    let cut = tokio::time::timeout(Duration::from_secs(5), read.read_to_end(&mut rest)).await;
    assert!(cut.is_ok(), "a dripping head is cut off");
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    drops.await.unwrap();
}

#[tokio::test]
async fn a_connection_is_kept_alive_for_a_while() {
    let server = Server::start(LIMITS).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        stream
            .write_all(b"GET /1 HTTP/1.1\r\nhost: h\r\n\r\n")
            .await
            .unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\nx") {
            assert!(stream.read_buf(&mut answer).await.unwrap() > 0);
        }
        tokio::time::sleep(LIMITS.head / 2).await;
    }
    assert!(closed(&mut stream).await < Duration::from_secs(5));
}

#[tokio::test]
async fn who_does_not_read_is_cut_off() {
    let server = Server::start(LIMITS).await;
    let mut silent = server
        .send("GET /50000000 HTTP/1.1\r\nhost: h\r\n\r\n")
        .await;
    tokio::time::sleep(3 * LIMITS.stall).await;
    let mut received = Vec::new();
    let read = silent.read_to_end(&mut received).await;
    assert!(received.len() < 50_000_000, "{read:?}");
}

#[tokio::test]
async fn who_reads_drop_by_drop_is_cut_off() {
    let limits = Limits {
        stall: Duration::from_millis(100),
        ..LIMITS
    };
    let server = Server::start(limits).await;
    for request in [
        "GET /50000000 HTTP/1.1\r\nhost: h\r\n\r\n",
        "GET /50000000 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n",
    ] {
        let mut stream = server.send(request).await;
        let begun = Instant::now();
        let mut buffer = vec![0; 40_000];
        let mut received = 0;
        while let Ok(count) = stream.read(&mut buffer).await
            && count > 0
        {
            received += count;
            if begun.elapsed() < 3 * limits.send {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        assert!(received < 50_000_000, "{received}");
    }
}

#[tokio::test]
async fn a_long_answer_comes_whole_to_who_reads_it() {
    let server = Server::start(LIMITS).await;
    let mut stream = server
        .send("GET /20000000 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
        .await;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let head = answer
        .windows(4)
        .position(|end| end == b"\r\n\r\n")
        .unwrap();
    let words = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    assert!(words.contains("content-length: 20000000"), "{words}");
    assert_eq!(answer.len() - head - 4, 20_000_000);
}

#[tokio::test]
async fn there_are_no_more_connections_than_allowed() {
    let server = Server::start(LIMITS).await;
    let mut silent = Vec::new();
    for _ in 0..LIMITS.connections {
        silent.push(server.connect().await);
    }
    let begun = Instant::now();
    assert!(server.answers().await, "once the silent ones are cut off");
    assert!(begun.elapsed() >= Duration::from_millis(200));
    let mut first = silent.remove(0);
    closed(&mut first).await;
}

#[tokio::test]
async fn a_server_that_stops_waits_for_requests_alone() {
    let server = Server::start(LIMITS).await;
    let _silent = server.connect().await;
    let mut busy = server
        .send("GET /20000000 HTTP/1.1\r\nhost: h\r\n\r\n")
        .await;
    let mut start = [0; 1024];
    assert!(busy.read(&mut start).await.unwrap() > 0);
    server.stop.notify_one();
    let refused = async {
        while TcpStream::connect(server.address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), refused)
        .await
        .unwrap();
    let mut rest = Vec::new();
    busy.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() > 19_000_000, "the answer is whole");
    tokio::time::timeout(Duration::from_secs(5), server.running)
        .await
        .unwrap()
        .unwrap();
}

/// Reads one answer, and leaves the connection open.
async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nx") {
        assert!(stream.read_buf(&mut answer).await.unwrap() > 0);
    }
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_server_on_its_way_down_answers_and_sends_peers_away() {
    const REQUEST: &str = "GET /1 HTTP/1.1\r\nhost: h\r\n\r\n";
    let limits = Limits {
        head: Duration::from_secs(10),
        ..LIMITS
    };
    let drain = Duration::from_secs(1);
    let server = Server::start_with(limits, drain).await;
    let mut kept = server.send(REQUEST).await;
    assert!(!answer(&mut kept).await.contains("connection: close"));
    let mut idle = server.send(REQUEST).await;
    answer(&mut idle).await;
    let mut silent = server.connect().await;
    let begun = Instant::now();
    server.stop.notify_one();

    kept.write_all(REQUEST.as_bytes()).await.unwrap();
    let last = answer(&mut kept).await;
    assert!(last.contains("connection: close"), "{last}");
    closed(&mut kept).await;
    let mut new = server.send(REQUEST).await;
    assert!(answer(&mut new).await.contains("connection: close"));
    assert!(begun.elapsed() < drain, "{:?}", begun.elapsed());

    // Who has been answered is gone once nobody listens; who has just connected is not.
    closed(&mut idle).await;
    assert!(begun.elapsed() >= drain);
    assert!(TcpStream::connect(server.address).await.is_err());
    silent.write_all(REQUEST.as_bytes()).await.unwrap();
    answer(&mut silent).await;
    tokio::time::timeout(Duration::from_secs(5), server.running)
        .await
        .unwrap()
        .unwrap();
}

#[test]
fn connections_leave_descriptors_for_the_rest() {
    for (asked, descriptors, most) in [
        (None, 1024, 768),
        (None, 1_048_576, 1024),
        (None, usize::MAX, 1024),
        (None, 64, 32),
        (None, 0, 1),
        (Some(5), 1024, 5),
        (Some(1000), 1024, 768),
        (Some(5000), 1_048_576, 5000),
    ] {
        assert_eq!(most_connections(asked, descriptors), most, "{descriptors}");
    }
}
