use std::ops::Deref;

use poem::{Request, RequestBody};
use poem_openapi::param;
use poem_openapi::registry::{MetaParamIn, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use shared::address;

/// An id in an address, in percent-encoding or as [`address::segment`] writes it.
///
/// It has the name by which `OpenApi` knows a part of a path.
pub struct Path(pub String);

impl Deref for Path {
    type Target = String;

    fn deref(&self) -> &String {
        &self.0
    }
}

impl<'a> ApiExtractor<'a> for Path {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = true;

    type ParamType = String;
    type ParamRawType = String;

    fn register(registry: &mut Registry) {
        <param::Path<String> as ApiExtractor<'a>>::register(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        param::Path::<String>::param_in()
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        param::Path::<String>::param_schema_ref()
    }

    fn param_raw_type(&self) -> Option<&String> {
        Some(&self.0)
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<String>,
    ) -> poem::Result<Self> {
        let param::Path(segment) = param::Path::from_request(request, body, options).await?;
        Ok(Self(address::id_of(&segment).unwrap_or(segment)))
    }
}
