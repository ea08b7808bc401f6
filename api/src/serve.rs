//! Serves an endpoint over TCP to peers of whom none may hold the server up.
//!
//! poem's own server knows no time limit for headers, takes any number of
//! connections, and asks again at once when one cannot be accepted. So the
//! connections are hyper's here: HTTP/1.1 alone, which is what portals, pylon
//! and browsers speak without TLS.

mod frames;
mod paced;

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Endpoint, EndpointExt, IntoEndpoint, Response};
use rustix::process::{Resource, getrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use crate::stop::Stop;
use frames::{BoxBody, Frames};
use paced::Paced;

/// The most connections at a time when neither a setting nor the descriptors
/// say less: some hundreds of browsers, at a few kilobytes each.
const DEFAULT_CONNECTIONS: usize = 1024;

/// The longest head of a request, in bytes: above what pylon passes on, and the
/// most that a peer who never completes one can make us keep.
const MAX_HEAD: usize = 64 * 1024;

/// How long to wait after a connection could not be accepted: until then one
/// may have been closed.
const PAUSE: Duration = Duration::from_millis(250);

/// How long a peer who connected just before the server stopped to listen may take
/// to begin its request.
const FIRST_REQUEST: Duration = Duration::from_secs(1);

/// How long requests that are under way may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(10);

/// How much the peers of a server may take of it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time; whoever comes after that waits to be accepted.
    pub connections: usize,
    /// The longest wait for the whole head of a request: of the first one, and
    /// on a connection that is kept alive of the next one.
    pub head: Duration,
    /// How long a peer may take no more than some kilobytes of what is sent.
    pub stall: Duration,
    /// How long a peer may take to receive a whole answer.
    pub send: Duration,
}

impl Limits {
    /// Those of a server: `connections` as set, if that is possible, and `send`.
    pub fn new(connections: Option<usize>, send: Duration) -> Self {
        Self {
            connections: most_connections(connections, descriptors()),
            head: Duration::from_secs(15),
            stall: Duration::from_secs(10),
            send,
        }
    }
}

/// How many files and sockets this process may have open at a time.
fn descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    })
}

/// As many connections as are asked for, but no more than leave a quarter of the
/// descriptors, or half of very few, to the database and files.
fn most_connections(asked: Option<usize>, descriptors: usize) -> usize {
    let spare = (descriptors / 4).max(64).min(descriptors / 2);
    let possible = (descriptors - spare).clamp(1, Semaphore::MAX_PERMITS);
    if let Some(asked) = asked.filter(|asked| *asked > possible) {
        tracing::warn!(
            asked,
            possible,
            "MAX_CONNECTIONS is more than the limit of open files allows; raise that limit (ulimit -n)"
        );
    }
    asked.unwrap_or(DEFAULT_CONNECTIONS).clamp(1, possible)
}

/// Serves until `stop` is closed, then lets requests that are under way end, for
/// ten seconds at most. On its way down it asks peers to connect anew for their next
/// request, which leads them elsewhere where there is somebody else.
pub async fn run(
    listener: TcpListener,
    endpoint: impl IntoEndpoint<Endpoint: 'static>,
    limits: Limits,
    stop: Stop,
) {
    let mut closed = stop.clone();
    let endpoint = Arc::new(endpoint.into_endpoint().map_to_response());
    let local = listener.local_addr().map(Addr::from);
    let local = LocalAddr(local.unwrap_or(Addr::Custom("tcp", "".into())));
    let mut http = Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(MAX_HEAD);
    let mut accepting = Accepting::new(listener, limits.connections);
    let mut connections = JoinSet::new();
    let serve = |(stream, peer, slot): Accepted| {
        let connection = Connection {
            http: http.clone(),
            limits,
            endpoint: Arc::clone(&endpoint),
            local: local.clone(),
            peer: RemoteAddr(peer.into()),
            stop: stop.clone(),
        };
        async move {
            connection.serve(stream).await;
            drop(slot);
        }
    };
    loop {
        let accepted = tokio::select! {
            () = closed.closed() => break,
            accepted = accepting.next() => accepted,
        };
        connections.spawn(serve(accepted));
        while connections.try_join_next().is_some() {}
    }
    for accepted in accepting.close() {
        connections.spawn(serve(accepted));
    }
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, ended).await.is_err() {
        connections.shutdown().await;
    }
}

/// A connection, and its share of those that there may be.
type Accepted = (TcpStream, SocketAddr, OwnedSemaphorePermit);

/// Where connections come from, at most so many at a time.
struct Accepting {
    listener: TcpListener,
    slots: Arc<Semaphore>,
    /// Whether the log has been told of the trouble that there is.
    told: bool,
}

impl Accepting {
    fn new(listener: TcpListener, connections: usize) -> Self {
        Self {
            listener,
            slots: Arc::new(Semaphore::new(connections)),
            told: false,
        }
    }

    /// Waits until a connection may be taken, and for one.
    async fn next(&mut self) -> Accepted {
        let slots = Arc::clone(&self.slots);
        if slots.available_permits() == 0 {
            self.tell("as many connections are open as there may be; others wait");
        }
        let slot = slots.acquire_owned().await.expect("nobody closes it");
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    self.told &= self.slots.available_permits() == 0;
                    return (stream, peer, slot);
                }
                Err(error) if is_the_peers(error.kind()) => {}
                Err(error) => {
                    self.tell(&format!("cannot accept connections: {error}"));
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Stops to listen, and hands over those who have connected already: the system would
    /// cut them off, with the requests that they have sent.
    fn close(self) -> Vec<Accepted> {
        let Ok(listener) = self.listener.into_std() else {
            return Vec::new();
        };
        let mut accepted = Vec::new();
        while let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            let Ok((stream, peer)) = listener.accept() else {
                break;
            };
            let stream = stream
                .set_nonblocking(true)
                .and_then(|()| TcpStream::from_std(stream));
            accepted.extend(stream.ok().map(|stream| (stream, peer, slot)));
        }
        accepted
    }

    /// Once for each time of trouble, not once for each connection.
    fn tell(&mut self, trouble: &str) {
        if !self.told {
            tracing::warn!(trouble, "connections have to wait");
        }
        self.told = true;
    }
}

/// Whether the peer went before it was accepted.
fn is_the_peers(error: ErrorKind) -> bool {
    use ErrorKind as E;
    matches!(
        error,
        E::ConnectionAborted | E::ConnectionRefused | E::ConnectionReset
    )
}

struct Connection<E> {
    http: Builder,
    limits: Limits,
    endpoint: Arc<E>,
    local: LocalAddr,
    peer: RemoteAddr,
    stop: Stop,
}

impl<E: Endpoint<Output = Response> + 'static> Connection<E> {
    async fn serve(self, stream: TcpStream) {
        let Self {
            http,
            limits,
            endpoint,
            local,
            peer,
            mut stop,
        } = self;
        // Answers are written whole; the rest of one would wait for nothing.
        let _ = stream.set_nodelay(true);
        let was_used = AtomicBool::new(false);
        let going_down = stop.clone();
        let service = service_fn(|request: hyper::Request<Incoming>| {
            was_used.store(true, Ordering::Relaxed);
            let request = (request, local.clone(), peer.clone(), Scheme::HTTP).into();
            let endpoint = Arc::clone(&endpoint);
            let going_down = going_down.clone();
            async move {
                let response = endpoint.get_response(request).await;
                let mut response = hyper::Response::<BoxBody>::from(response);
                if going_down.is_going_down() {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(CONNECTION, close);
                }
                Ok::<_, Infallible>(response.map(|body| Frames::new(body, limits.send)))
            }
        });
        let stream = Paced::new(TokioIo::new(stream), limits.stall);
        let mut connection = pin!(http.serve_connection(stream, service));
        let result = tokio::select! {
            result = connection.as_mut() => result,
            () = stop.closed() => {
                if !was_used.load(Ordering::Relaxed) {
                    // Its request may be under way; the answer is the last one here.
                    let first = tokio::time::timeout(FIRST_REQUEST, connection.as_mut()).await;
                    if first.is_ok() || !was_used.load(Ordering::Relaxed) {
                        return;
                    }
                }
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::debug!(%peer, %error, cause, "connection closed");
        }
    }
}

#[cfg(test)]
mod tests;
