//! How others are called by HTTP, by commands and by the server: each call within a time,
//! none led elsewhere, no answer longer than it may be.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Response};

/// A client whose calls take `timeout` at most and follow no redirects: a token is for the
/// address that was given, not for where it leads to. Without HTTPS (`is_https`) a machine
/// may lack certificates of authorities, as small images do; with it, building fails then.
pub fn client(timeout: Duration, is_https: bool) -> ClientBuilder {
    // Fails only when a provider is there already: then that one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(timeout)
        .connect_timeout(timeout)
        .redirect(Policy::none());
    if is_https {
        client
    } else {
        client.tls_certs_only([])
    }
}

/// What is said when the client for the address of a setting cannot be built.
pub fn no_certificates(setting: &str) -> String {
    format!(
        "{setting} begins with https://, and there are no certificates of authorities: install the package \
         ca-certificates, or set SSL_CERT_FILE to a PEM file with the certificate of the authority"
    )
}

/// Reads the body of an answer; nothing if it has more than `most` bytes.
///
/// # Errors
/// When it does not come, or not in time.
pub async fn body(answer: &mut Response, most: usize) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// Why a call failed, and what to do if it was for a certificate. The address is not in it:
/// it may reach people whom it is not for.
pub fn cause(error: reqwest::Error) -> String {
    let mut text = format!("{:#}", anyhow::Error::new(error.without_url()));
    if text.contains("CaUsedAsEndEntity") {
        text.push_str(
            "; the server shows a certificate that is marked as an authority's: give it one with \
             basicConstraints=CA:FALSE",
        );
    } else if text.contains("certificate") {
        text.push_str(
            "; if an authority of your own has signed it, set SSL_CERT_FILE to a PEM file with its certificate",
        );
    }
    text
}
