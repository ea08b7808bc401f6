//! Headers of requests, as handlers take them and the OpenAPI document shows them.

use std::ops::Deref;

use poem::http::HeaderMap;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchemaRef};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::problem::Refusal;

/// What is read from the headers of a request, all lines of one of them.
pub trait ReadHeaders: Sized {
    /// Reads it. That the header is missing is no error.
    ///
    /// # Errors
    /// 400 when it is malformed.
    fn read(headers: &HeaderMap) -> Result<Self, Refusal>;
}

/// A parameter of a handler that is in a header.
pub struct InHeader<T>(pub T);

impl<T> Deref for InHeader<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'a, T: ReadHeaders> ApiExtractor<'a> for InHeader<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = false;

    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(String::schema_ref())
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        Ok(Self(T::read(request.headers())?))
    }
}
