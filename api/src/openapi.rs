//! How the wire types of `shared` become bodies of requests and responses, and
//! schemas of the OpenAPI document: the document is generated from the very
//! types and handlers that serve.

mod counted;
mod in_header;
mod paged;
mod path;
mod query;
mod schema;
mod tagged;

use std::time::Duration;

use poem::http::{StatusCode, header};
use poem::{IntoResponse, Request, RequestBody, Response};
use poem_openapi::payload::{Payload, PlainText};
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaRequest, MetaResponse, MetaResponses, Registry,
};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use counted::Counted;
pub use in_header::{InHeader, ReadHeaders};
pub use tagged::Tagged;

use crate::problem::{self, Failure};

pub use paged::{JsonList, Paged};
pub use path::Path;
pub use query::{Documented, QueryParams};

/// A JSON body of one of the wire types.
pub struct Json<T>(pub T);

/// A JSON answer with this status to anything but GET: there is no version of it to
/// compare.
pub struct Answer<const STATUS: u16, T>(pub T);

/// One line of text, which old clients compare.
pub type Text = PlainText<&'static str>;

/// The most bytes that a request's body may have, unless configured: protocols
/// are tens of kilobytes, and the editor in the browser stops here too.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// How long the body of a request may take to come: a megabyte over a slow line.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// What is allocated at most for bytes that a client has only announced.
const ANNOUNCED: usize = 64 * 1024;

/// The running server's own limit, handed to the handlers as request data.
#[derive(Clone, Copy)]
pub struct BodyLimit(pub usize);

const JSON: &str = "application/json; charset=utf-8";

fn json_content<T: JsonSchema>() -> Vec<MetaMediaType> {
    vec![MetaMediaType {
        content_type: "application/json",
        schema: schema::reference::<T>(),
    }]
}

impl<T: Serialize + Send> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => Response::builder().content_type(JSON).body(body),
            Err(error) => poem::Error::from(problem::internal(error.to_string())).into_response(),
        }
    }
}

impl<const STATUS: u16, T: Serialize + Send> IntoResponse for Answer<STATUS, T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.0).into_response();
        if let (StatusCode::OK, Ok(status)) = (response.status(), STATUS.try_into()) {
            response.set_status(status);
        }
        response
    }
}

fn success<T: JsonSchema>(status: u16, description: &'static str) -> MetaResponses {
    MetaResponses {
        responses: vec![MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: json_content::<T>(),
            headers: vec![],
        }],
    }
}

impl<T: JsonSchema + Serialize + Send> ApiResponse for Json<T> {
    fn meta() -> MetaResponses {
        let mut meta = success::<T>(200, "");
        // Said of answers to GET, which almost all of them are; the middleware
        // does it.
        for response in &mut meta.responses {
            response.headers.push(tagged::etag());
        }
        meta.responses.push(tagged::not_modified());
        meta
    }

    fn register(registry: &mut Registry) {
        schema::register::<T>(registry);
    }
}

impl<const STATUS: u16, T: JsonSchema + Serialize + Send> ApiResponse for Answer<STATUS, T> {
    fn meta() -> MetaResponses {
        success::<T>(STATUS, if STATUS == 201 { "Created." } else { "" })
    }

    fn register(registry: &mut Registry) {
        schema::register::<T>(registry);
    }
}

impl<const RESPONSES: u16> ApiResponse for Failure<RESPONSES> {
    fn meta() -> MetaResponses {
        let response = |(status, description)| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![
                MetaMediaType {
                    content_type: "application/problem+json",
                    schema: schema::reference::<shared::wire::Problem>(),
                },
                MetaMediaType {
                    content_type: "text/plain",
                    schema: <PlainText<String> as Payload>::schema_ref(),
                },
            ],
            headers: vec![],
        };
        MetaResponses {
            responses: Self::documented().into_iter().map(response).collect(),
        }
    }

    fn register(registry: &mut Registry) {
        schema::register::<shared::wire::Problem>(registry);
    }
}

async fn parse<T: DeserializeOwned>(request: &Request, body: &mut RequestBody) -> poem::Result<T> {
    let limit = request.data::<BodyLimit>().map_or(MAX_BODY_BYTES, |l| l.0);
    let bytes = read_body(request, body, limit).await?;
    if holds_nul(&bytes) {
        return Err(problem::bad_request(
            "The request body holds the character NUL (\\u0000), which no text of the catalogue may.",
        )
        .into());
    }
    // Serde would take a list for a struct whose fields all have defaults.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(
            problem::bad_request("The request body must be a JSON object, not a list.").into(),
        );
    }
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        problem::bad_request(if path == "." || inner.is_syntax() || inner.is_eof() {
            format!("The request body is not the JSON that is wanted here: {inner}.")
        } else {
            format!("The field `{path}` of the request body is wrong: {inner}.")
        })
    })?;
    reader.end().map_err(|error| {
        problem::bad_request(format!(
            "The request body goes on after its JSON has ended: {error}."
        ))
    })?;
    Ok(value)
}

/// Whether some text in the JSON holds NUL, which `PostgreSQL` does not take:
/// an escape `\u0000` that is not itself escaped.
fn holds_nul(json: &[u8]) -> bool {
    let mut escaped = false;
    json.iter().enumerate().any(|(index, &byte)| {
        let nul = escaped && json[index..].starts_with(b"u0000");
        escaped = byte == b'\\' && !escaped;
        nul
    })
}

/// Reads the body if it is within the limit. Of one that is not, as much is
/// read and thrown away as a well-meaning client sends by mistake: one that is
/// still sending would otherwise see a broken connection, not the answer.
async fn read_body(
    request: &Request,
    body: &mut RequestBody,
    limit: usize,
) -> poem::Result<Vec<u8>> {
    tokio::time::timeout(BODY_TIMEOUT, drain(request, body, limit))
        .await
        .unwrap_or_else(|_| Err(problem::too_slow(BODY_TIMEOUT).into()))
}

async fn drain(request: &Request, body: &mut RequestBody, limit: usize) -> poem::Result<Vec<u8>> {
    use tokio::io::AsyncReadExt;

    const DRAINED: u64 = 16 * 1024 * 1024;
    let announced = request
        .header(header::CONTENT_LENGTH)
        .and_then(|length| length.parse::<usize>().ok());
    let mut reader = body.take()?.into_async_read();
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0).min(limit).min(ANNOUNCED));
    let broken = |error: std::io::Error| {
        problem::bad_request(format!(
            "The request body could not be read to its end: {error}."
        ))
    };
    (&mut reader)
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .await
        .map_err(broken)?;
    if bytes.len() > limit {
        tokio::io::copy(&mut reader.take(DRAINED), &mut tokio::io::sink())
            .await
            .map_err(broken)?;
        return Err(problem::too_large(limit).into());
    }
    Ok(bytes)
}

/// The body counts as JSON whatever the client calls it: some send none or a
/// wrong content type.
impl<'a, T: DeserializeOwned + JsonSchema + Send> ApiExtractor<'a> for Json<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        schema::register::<T>(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: json_content::<T>(),
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        parse(request, body).await.map(Self)
    }
}

/// A header of an answer in the OpenAPI document.
fn meta_header<T: Type>(name: &str, description: &str, required: bool) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required,
        deprecated: false,
        schema: T::schema_ref(),
    }
}
