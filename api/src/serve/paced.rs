use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// The fewest bytes that a peer who makes us wait takes in [`Paced`]'s time:
/// with ten seconds what an old telephone line carries.
const ENOUGH: usize = 64 * 1024;

/// A stream that breaks when its peer does not read what is written, or reads
/// it a few bytes at a time.
pub(super) struct Paced {
    stream: TokioIo<TcpStream>,
    time: Duration,
    /// Runs while there is something that the peer has not made room for.
    waiting: Option<Pin<Box<Sleep>>>,
    /// Bytes that were written since it runs.
    written: usize,
}

impl Paced {
    pub(super) fn new(stream: TokioIo<TcpStream>, time: Duration) -> Self {
        Self {
            stream,
            time,
            waiting: None,
            written: 0,
        }
    }

    fn pace(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(count)) => {
                self.written += count;
                if self.written >= ENOUGH {
                    self.waiting = None;
                }
                written
            }
            Poll::Ready(Err(_)) => written,
            Poll::Pending => {
                let waiting = self.waiting.get_or_insert_with(|| {
                    self.written = 0;
                    Box::pin(tokio::time::sleep(self.time))
                });
                let error = "the peer does not receive what is sent";
                waiting
                    .as_mut()
                    .poll(context)
                    .map(|()| Err(io::Error::new(io::ErrorKind::TimedOut, error)))
            }
        }
    }
}

impl Read for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.pace(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.pace(context, written)
    }

    /// hyper flushes when it has written all that it has.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.waiting = None;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
