use std::env;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::error::Error;
use crate::files;
use crate::server::{Kind, Server, Token};

/// The variable that holds a token. It is no flag, so that no token stands among arguments.
const TOKEN: &str = "MARKETPLACE_TOKEN";

/// Where the marketplace is, and who asks.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// Address of the marketplace's API, such as https://HOST/marketplace/api
    #[arg(long, env = "MARKETPLACE_API_URL", value_name = "URL")]
    marketplace_api_url: Option<String>,
    /// File with a token of OpenPAI. Without it the variable MARKETPLACE_TOKEN holds the
    /// token itself
    #[arg(long, env = "MARKETPLACE_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Seconds to wait for each answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
}

impl Connection {
    /// The marketplace.
    ///
    /// # Errors
    /// When its address is missing or none, or there is no token.
    pub(crate) fn marketplace(&self) -> Result<Server, Error> {
        let url = self.marketplace_api_url.as_deref();
        self.server(url, "MARKETPLACE_API_URL", Kind::Marketplace)
    }

    /// A server at an address that a setting of this name has, for the same bearer.
    fn server(&self, url: Option<&str>, setting: &str, kind: Kind) -> Result<Server, Error> {
        let url = url.map(str::trim).filter(|url| !url.is_empty());
        let flag = setting.to_lowercase().replace('_', "-");
        let url = url.ok_or_else(|| {
            Error::usage(format!(
                "nothing says where {kind} is: set {setting}, or give --{flag}"
            ))
        })?;
        let timeout = Duration::from_secs(self.timeout);
        Server::new(url, setting, kind, self.token()?, timeout).map_err(Error::Usage)
    }

    fn token(&self) -> Result<Token, Error> {
        let text = match &self.token_file {
            Some(file) => files::read_secret(file).map_err(Error::Usage)?,
            None => env::var(TOKEN).unwrap_or_default(),
        };
        Token::read(&text).ok_or_else(|| {
            Error::usage(if text.trim().is_empty() {
                format!(
                    "there is no token: set {TOKEN}, or name a file by MARKETPLACE_TOKEN_FILE. Tokens are made on the \
                     page of your profile in OpenPAI's portal"
                )
            } else {
                "what should be the token has blanks or other characters that no token has".to_owned()
            })
        })
    }
}

/// Where OpenPAI is too.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub struct OpenPaiConnection {
    /// Address of OpenPAI's REST server, such as https://HOST/rest-server
    #[arg(long, env = "IDP_URL", value_name = "URL")]
    idp_url: Option<String>,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

impl OpenPaiConnection {
    /// OpenPAI's REST server.
    ///
    /// # Errors
    /// When its address is missing or none, or there is no token.
    pub(crate) fn server(&self) -> Result<Server, Error> {
        let url = self.idp_url.as_deref();
        self.connection.server(url, "IDP_URL", Kind::OpenPai)
    }
}
