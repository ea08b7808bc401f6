use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A server that has nothing, where it is, and how often it was asked.
async fn server() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let mut head = [0; 4096];
            let _ = connection.read(&mut head).await;
            let answer =
                b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = connection.write_all(answer).await;
        }
    });
    (host, asked)
}

#[tokio::test]
async fn who_finds_no_place_to_wait_is_told_so_at_once() {
    let (host, asked) = server().await;
    let externals = Externals::new(&host, true, Clock::system()).unwrap();
    let asking = externals.0.unwrap();
    let address = format!("{host}/data.tar");
    let known = async || {
        let known = asking.known(ExternalKind::Data, &address).await;
        known.map(|known| known.state)
    };
    let all = u32::try_from(MAX_WAITING).unwrap();
    let places = asking.waiting.try_acquire_many(all).unwrap();
    assert_eq!(known().await, None);
    assert_eq!(asked.load(Ordering::Relaxed), 0);

    drop(places);
    assert_eq!(known().await, Some(ExternalState::Missing));
    assert_eq!(asking.waiting.available_permits(), MAX_WAITING);

    // What is known needs no place.
    let _places = asking.waiting.try_acquire_many(all).unwrap();
    assert_eq!(known().await, Some(ExternalState::Missing));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}
