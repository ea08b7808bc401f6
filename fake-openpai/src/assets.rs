use std::path::{Component, Path as FilePath, PathBuf};
use std::sync::Arc;

use poem::http::{StatusCode, header};
use poem::web::{Data, Path};
use poem::{IntoResponse, Response, handler};

use crate::cluster::Cluster;

/// What a real portal's pages carry (docs/contract.md#1-the-portal-and-pluginjs), in the order of loading.
pub(crate) const STYLES: [&str; 4] = [
    "bootstrap/dist/css/bootstrap.min.css",
    "office-ui-fabric-core/dist/css/fabric.min.css",
    "admin-lte/dist/css/AdminLTE.min.css",
    "admin-lte/dist/css/skins/skin-blue.min.css",
];

/// See [`STYLES`].
pub(crate) const SCRIPTS: [&str; 3] = [
    "jquery/dist/jquery.min.js",
    "bootstrap/dist/js/bootstrap.min.js",
    "admin-lte/dist/js/adminlte.min.js",
];

/// The packages that are served; `node_modules` holds many more.
const PACKAGES: [&str; 4] = ["bootstrap", "office-ui-fabric-core", "admin-lte", "jquery"];

/// Serves a file of those packages.
#[handler]
pub(crate) async fn serve(Path(path): Path<String>, cluster: Data<&Arc<Cluster>>) -> Response {
    let Some(file) = cluster
        .assets
        .as_deref()
        .and_then(|assets| inside(assets, &path))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Ok(bytes) = tokio::fs::read(&file).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    bytes
        .with_content_type(
            mime_guess::from_path(&file)
                .first_or_octet_stream()
                .to_string(),
        )
        .with_header(header::CACHE_CONTROL, "max-age=3600")
        .into_response()
}

/// Where the file lies, if the path stays inside one of the packages.
fn inside(assets: &FilePath, path: &str) -> Option<PathBuf> {
    let path = FilePath::new(path);
    let is_plain = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let is_known = PACKAGES.iter().any(|package| path.starts_with(package));
    (is_plain && is_known).then(|| assets.join(path))
}
