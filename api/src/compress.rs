//! Answers in fewer bytes, for clients that ask for it.

use std::io::{self, Write};
use std::sync::LazyLock;

use brotli::CompressorWriter;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use poem::http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::{Body, Response};
use tokio::sync::Semaphore;

/// The fewest bytes worth the work: below it headers outweigh what is gained.
pub const WORTHWHILE: usize = 1024;

/// From so many bytes on a body is compressed while it is sent, so that it does
/// not stand in memory a second time.
const LONG: usize = 1024 * 1024;

/// As many bodies are compressed at a time as there are cores: more would not
/// be faster, and each takes memory.
static SLOTS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism();
    Semaphore::new(cores.map_or(1, std::num::NonZero::get))
});

/// What a client may ask for, the better one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// `br`
    Brotli,
    /// `gzip`
    Gzip,
}

/// How much time compression may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Every request pays: some milliseconds a megabyte.
    Each,
    /// Paid once: about two seconds a megabyte.
    Once,
}

impl Coding {
    /// All, the better one first.
    pub const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// The word for it in headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The best one that the request accepts, if it prefers any to none
    /// (RFC 9110, section 12.5.3).
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let asked: Vec<(String, f32)> = headers
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(weighted)
            .collect();
        let weight = |name: &str| {
            asked
                .iter()
                .find(|(asked, _)| asked == name)
                .map(|(_, weight)| *weight)
        };
        let any = weight("*").unwrap_or(0.0);
        let (coding, best) = Self::ALL
            .map(|coding| (coding, weight(coding.name()).unwrap_or(any)))
            .into_iter()
            // Of equals the first.
            .reduce(|best, next| if next.1 > best.1 { next } else { best })?;
        (best > 0.0 && best >= weight("identity").unwrap_or(0.0)).then_some(coding)
    }

    /// Compresses.
    pub fn encode(self, bytes: &[u8], effort: Effort) -> Vec<u8> {
        let mut encoder = Encoder::new(self, effort, bytes.len());
        encoder.write(bytes);
        encoder.finish()
    }

    /// Compresses what comes piece by piece.
    fn encode_stream<B>(self, pieces: B, length: usize) -> impl Stream<Item = io::Result<Vec<u8>>>
    where
        B: Stream<Item = io::Result<hyper::body::Bytes>> + Send + 'static,
    {
        let encoder = Encoder::new(self, Effort::Each, length);
        let state = (Box::pin(pieces), Some(encoder));
        let coded = stream::try_unfold(state, |(mut pieces, encoder)| async {
            let Some(mut encoder) = encoder else {
                return Ok(None);
            };
            let piece = pieces.try_next().await?;
            let _slot = SLOTS.acquire().await;
            let coding = tokio::task::spawn_blocking(move || match piece {
                Some(piece) => {
                    encoder.write(&piece);
                    (encoder.take(), Some(encoder))
                }
                None => (encoder.finish(), None),
            });
            let (coded, encoder) = coding.await.map_err(io::Error::other)?;
            Ok(Some((coded, (pieces, encoder))))
        });
        coded.filter(|coded| {
            let is_empty = coded.as_ref().is_ok_and(Vec::is_empty);
            std::future::ready(!is_empty)
        })
    }

    /// The entity tag of the compressed form: other bytes, another strong tag.
    /// A weak one stays, it is about the meaning.
    pub fn tag(self, tag: &str) -> String {
        match tag.strip_suffix('"') {
            Some(start) if !tag.starts_with("W/") => format!("{start}-{}\"", self.name()),
            _ => tag.to_owned(),
        }
    }
}

/// A body on its way to fewer bytes.
enum Encoder {
    Brotli(Box<CompressorWriter<Vec<u8>>>),
    Gzip(GzEncoder<Vec<u8>>),
}

const MEMORY: &str = "memory can always be written";

impl Encoder {
    /// `length` is how much will come.
    fn new(coding: Coding, effort: Effort, length: usize) -> Self {
        let coded = Vec::with_capacity(length.min(LONG) / 4);
        match coding {
            Coding::Brotli => {
                let parameters = BrotliEncoderParams {
                    quality: if effort == Effort::Once { 11 } else { 4 },
                    // A window of 256 KiB a request instead of 4 MiB.
                    lgwin: if effort == Effort::Once { 22 } else { 18 },
                    size_hint: length,
                    ..BrotliEncoderParams::default()
                };
                let writer = CompressorWriter::with_params(coded, 4096, &parameters);
                Self::Brotli(Box::new(writer))
            }
            Coding::Gzip => {
                let level = if effort == Effort::Once { 9 } else { 1 };
                Self::Gzip(GzEncoder::new(coded, Compression::new(level)))
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        let written = match self {
            Self::Brotli(writer) => writer.write_all(bytes),
            Self::Gzip(writer) => writer.write_all(bytes),
        };
        written.expect(MEMORY);
    }

    /// What there is by now.
    fn take(&mut self) -> Vec<u8> {
        std::mem::take(match self {
            Self::Brotli(writer) => writer.get_mut(),
            Self::Gzip(writer) => writer.get_mut(),
        })
    }

    /// The rest.
    fn finish(self) -> Vec<u8> {
        match self {
            Self::Brotli(writer) => writer.into_inner(),
            Self::Gzip(writer) => writer.finish().expect(MEMORY),
        }
    }
}

/// `gzip;q=0.5` as name and weight.
fn weighted(part: &str) -> (String, f32) {
    let mut pieces = part.split(';').map(str::trim);
    let name = pieces.next().unwrap_or_default().to_ascii_lowercase();
    let weight = pieces
        .find_map(|piece| piece.strip_prefix("q=").or(piece.strip_prefix("Q=")))
        .map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
    (name, weight)
}

/// The entity tags of a header as the handlers know them: those of compressed
/// forms become that of the item itself.
pub fn plain_tags(tags: &str) -> String {
    Coding::ALL.iter().fold(tags.to_owned(), |tags, coding| {
        tags.replace(&format!("-{}\"", coding.name()), "\"")
    })
}

/// What a request says about compression.
pub struct Asked {
    coding: Option<Coding>,
    /// The lines of `If-None-Match`, as they were sent.
    known: Vec<HeaderValue>,
}

impl Asked {
    /// Reads the headers of a request, and leaves only plain entity tags in
    /// them.
    pub fn of(headers: &mut HeaderMap) -> Self {
        let asked = Self {
            coding: Coding::accepted(headers),
            known: headers
                .get_all(header::IF_NONE_MATCH)
                .iter()
                .cloned()
                .collect(),
        };
        // A header may have several lines.
        for (name, value) in headers.iter_mut() {
            if [header::IF_NONE_MATCH, header::IF_MATCH].contains(name) {
                make_plain(value);
            }
        }
        asked
    }

    /// Compresses the body of an answer if that is asked for and worthwhile.
    pub async fn answer(self, mut response: Response) -> Response {
        response
            .headers_mut()
            .append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        let Some(coding) = self.coding else {
            return response;
        };
        if response.status() == StatusCode::NOT_MODIFIED {
            self.confirm_tag(coding, &mut response);
            return response;
        }
        if response.headers().contains_key(header::CONTENT_ENCODING)
            || !response.content_type().is_some_and(is_text)
        {
            return response;
        }
        let length = response.header(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.parse().ok());
        let body = response.take_body();
        let coded = match length {
            Some(length) if length >= LONG => {
                Body::from_bytes_stream(coding.encode_stream(body.into_bytes_stream(), length))
            }
            _ => {
                let Ok(body) = body.into_bytes().await else {
                    return failed("a body could not be read");
                };
                if body.len() < WORTHWHILE {
                    response.set_body(body);
                    return response;
                }
                let _slot = SLOTS.acquire().await;
                // Compression would keep the thread from other requests.
                let coding = move || coding.encode(&body, Effort::Each);
                let Ok(coded) = tokio::task::spawn_blocking(coding).await else {
                    return failed("a body could not be compressed");
                };
                Body::from_vec(coded)
            }
        };
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(
            header::CONTENT_ENCODING,
            HeaderValue::from_static(coding.name()),
        );
        set_tag(coding, headers);
        response.set_body(coded);
        response
    }

    /// A client that holds the compressed form is told so under that form's
    /// tag.
    fn confirm_tag(&self, coding: Coding, response: &mut Response) {
        let headers = response.headers_mut();
        let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
        let Some(coded) = tag.map(|tag| coding.tag(tag)) else {
            return;
        };
        let holds = |line: &HeaderValue| line.to_str().is_ok_and(|line| line.contains(&coded));
        if self.known.iter().any(holds) {
            set_tag(coding, headers);
        }
    }
}

fn failed(cause: &str) -> Response {
    tracing::error!(cause, "request failed");
    StatusCode::INTERNAL_SERVER_ERROR.into()
}

fn set_tag(coding: Coding, headers: &mut HeaderMap) {
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let tag = tag.and_then(|tag| HeaderValue::from_str(&coding.tag(tag)).ok());
    if let Some(tag) = tag {
        headers.insert(header::ETAG, tag);
    }
}

fn make_plain(value: &mut HeaderValue) {
    let plain = value.to_str().map(plain_tags);
    if let Ok(Ok(plain)) = plain.map(|plain| HeaderValue::from_str(&plain)) {
        *value = plain;
    }
}

/// Whether a content type is text of some kind, and so compresses well.
pub fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/")
        || kind.ends_with("json")
        || kind.ends_with("javascript")
        || kind.ends_with("+xml")
        || kind == "application/wasm"
}
