//! The portal: pages as docs/contract.md#1-the-portal-and-pluginjs describes them. The server fills nothing
//! into a page that came from a user.

use std::sync::Arc;

use poem::http::{StatusCode, header};
use poem::web::{Data, Html, Json, Path};
use poem::{Endpoint, FromRequest, IntoResponse, Request, Response, Result, Route, get, handler};

use crate::assets;
use crate::cluster::Cluster;

/// One page: what goes into the layout's middle, and the page's own script.
struct Page {
    title: &'static str,
    content: &'static str,
    script: Option<&'static str>,
}

const HOME: Page = Page {
    title: "Home",
    content: include_str!("../pages/home.html"),
    script: None,
};

const JOBS: Page = Page {
    title: "Jobs",
    content: include_str!("../pages/jobs.html"),
    script: Some("jobs.js"),
};

const JOB: Page = Page {
    title: "Job",
    content: include_str!("../pages/job-detail.html"),
    script: Some("job-detail.js"),
};

const SUBMIT: Page = Page {
    title: "Submit job",
    content: include_str!("../pages/submit.html"),
    script: Some("submit.js"),
};

const PLUGIN: Page = Page {
    title: "Plugin",
    content: include_str!("../pages/plugin.html"),
    script: Some("plugin.js"),
};

const LAYOUT: &str = include_str!("../pages/layout.html");
const LOGIN: &str = include_str!("../pages/login.html");

/// Everything outside of `/api/v2`.
pub(crate) fn routes() -> Route {
    Route::new()
        .at("/", get(HOME))
        .at("/index.html", get(HOME))
        .at("/login.html", get(login))
        .at("/jobs.html", get(JOBS))
        .at("/job-list.html", get(JOBS))
        .at("/job-detail.html", get(JOB))
        .at("/submit.html", get(SUBMIT))
        .at("/plugin.html", get(PLUGIN))
        .at("/plugins.json", get(list_plugins))
        .at("/static/:name", get(own_file))
        .at("/assets/*path", get(assets::serve))
        .at("/favicon.ico", get(favicon))
}

impl Endpoint for Page {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let cluster = Data::<&Arc<Cluster>>::from_request_without_body(&request).await?;
        Ok(self.render(&cluster))
    }
}

#[handler]
fn login(cluster: Data<&Arc<Cluster>>) -> Response {
    uncached(Html(with_assets(LOGIN, &cluster)))
}

#[handler]
fn list_plugins(cluster: Data<&Arc<Cluster>>) -> Response {
    uncached(Json(&cluster.plugins))
}

#[handler]
fn own_file(Path(name): Path<String>) -> Response {
    let text = match name.as_str() {
        "portal.css" => include_str!("../pages/portal.css"),
        "plain.css" => include_str!("../pages/plain.css"),
        "portal.js" => include_str!("../pages/portal.js"),
        "jobs.js" => include_str!("../pages/jobs.js"),
        "job-detail.js" => include_str!("../pages/job-detail.js"),
        "login.js" => include_str!("../pages/login.js"),
        "plugin.js" => include_str!("../pages/plugin.js"),
        "submit.js" => include_str!("../pages/submit.js"),
        "favicon.svg" => include_str!("../pages/favicon.svg"),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let mime = mime_guess::from_path(&name).first_or_octet_stream();
    uncached(text.with_content_type(format!("{mime}; charset=utf-8")))
}

/// Browsers ask for it where a page names no icon, such as a JSON answer.
#[handler]
fn favicon() -> Response {
    include_str!("../pages/favicon.svg")
        .with_content_type("image/svg+xml")
        .into_response()
}

impl Page {
    fn render(&self, cluster: &Cluster) -> Response {
        let plugins = cluster
            .plugins
            .iter()
            .enumerate()
            .map(|(index, plugin)| {
                format!(
                    r#"<li><a href="/plugin.html?index={index}"><i class="glyphicon glyphicon-th-large"></i> <span>{}</span></a></li>"#,
                    plugin.title
                )
            })
            .collect::<Vec<_>>()
            .concat();
        let script = self.script.map_or(String::new(), |name| {
            format!(r#"<script src="/static/{name}" defer></script>"#)
        });
        let page = with_assets(LAYOUT, cluster)
            .replace("{{title}}", self.title)
            .replace("{{plugins}}", &plugins)
            .replace("{{script}}", &script)
            .replace("{{content}}", self.content);
        uncached(Html(page))
    }
}

/// Fills in the links to the style sheets and scripts that are there.
fn with_assets(template: &str, cluster: &Cluster) -> String {
    let present = |paths: &[&'static str]| -> Vec<&'static str> {
        paths
            .iter()
            .copied()
            .filter(|path| {
                cluster
                    .assets
                    .as_ref()
                    .is_some_and(|assets| assets.join(path).is_file())
            })
            .collect()
    };
    let link = |address: &str| format!(r#"<link rel="stylesheet" href="{address}">"#);
    let styles = present(&assets::STYLES);
    let mut head: String = styles
        .iter()
        .map(|path| link(&format!("/assets/{path}")))
        .collect();
    if styles.len() < assets::STYLES.len() {
        head.push_str(&link("/static/plain.css"));
    }
    head.push_str(&link("/static/portal.css"));
    let scripts = present(&assets::SCRIPTS)
        .iter()
        .map(|path| format!(r#"<script src="/assets/{path}"></script>"#))
        .collect::<Vec<_>>()
        .concat();
    template
        .replace("{{styles}}", &head)
        .replace("{{scripts}}", &scripts)
}

fn uncached(body: impl IntoResponse) -> Response {
    body.with_header(header::CACHE_CONTROL, "no-store")
        .into_response()
}
