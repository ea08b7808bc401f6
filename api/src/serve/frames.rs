use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// A body as poem has it.
pub(super) type BoxBody = http_body_util::combinators::BoxBody<Bytes, io::Error>;

/// The most bytes that are handed to the connection at a time. What it has been
/// handed counts as sent, and the wait for the next request begins.
const FRAME: usize = 64 * 1024;

/// A body that is handed over in frames, within a time.
pub(super) struct Frames {
    body: BoxBody,
    /// What is left of the body's own frame.
    rest: Bytes,
    until: Instant,
}

impl Frames {
    pub(super) fn new(body: BoxBody, time: Duration) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            until: Instant::now() + time,
        }
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                other => return Poll::Ready(other),
            }
        }
        if Instant::now() > self.until {
            let error = "the peer took too long to receive the answer";
            return Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, error))));
        }
        let length = self.rest.len().min(FRAME);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (body, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower() + rest);
        if let Some(upper) = body.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
