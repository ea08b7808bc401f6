//! Where a PostgreSQL server is and how to get in: read from an address or from its
//! parts, and never spelled out again, because the password is in it.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use anyhow::{Context, bail, ensure};
use percent_encoding::percent_decode_str;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};

/// A `PostgreSQL` database, password included. What is shown of it is host, port
/// and name.
#[derive(Clone)]
pub struct PostgresAddress(Box<PgConnectOptions>);

/// The parts that stand in settings of their own.
pub struct Parts<'a> {
    /// DB_HOST.
    pub host: &'a str,
    /// DB_PORT.
    pub port: u16,
    /// DB_USERNAME.
    pub user: &'a str,
    /// DB_PASSWORD.
    pub password: Option<&'a str>,
    /// DATABASE.
    pub name: &'a str,
}

impl PostgresAddress {
    /// Puts DB_HOST, DB_PORT, DB_USERNAME, DB_PASSWORD and DATABASE together.
    ///
    /// # Errors
    /// When one of them cannot be what it should be; the message names the setting
    /// and holds no value.
    pub fn of(parts: &Parts<'_>) -> anyhow::Result<Self> {
        for (setting, value) in [("DB_USERNAME", parts.user), ("DATABASE", parts.name)] {
            ensure!(
                !is_placeholder(value),
                "{setting} is still a placeholder in angle brackets: put the real name there"
            );
        }
        let options = PgConnectOptions::new_without_pgpass()
            .port(parts.port)
            .username(parts.user)
            .database(parts.name);
        let options = at(options, parts.host).map_err(|what| anyhow::anyhow!("DB_HOST {what}"))?;
        Ok(Self(Box::new(match parts.password {
            Some(password) => options.password(password),
            None => options,
        })))
    }

    /// Reads what follows `postgres://`.
    ///
    /// # Errors
    /// What is wrong with DATABASE_URL, without any part of it: where one part ends
    /// and the next begins is just what is unclear then.
    pub(super) fn from_url(rest: &str) -> anyhow::Result<Self> {
        parse(rest)
            .map(|options| Self(Box::new(options)))
            .context("DATABASE_URL cannot be used")
    }

    /// What to connect with.
    pub fn options(&self) -> PgConnectOptions {
        (*self.0).clone()
    }
}

/// Host, port and name.
impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.get_database().unwrap_or(self.0.get_username());
        match self.0.get_socket() {
            Some(folder) => write!(f, "{}", folder.display())?,
            None if self.0.get_host().contains(':') => write!(f, "[{}]", self.0.get_host())?,
            None => f.write_str(self.0.get_host())?,
        }
        write!(f, ":{}/{name}", self.0.get_port())
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn parse(rest: &str) -> anyhow::Result<PgConnectOptions> {
    ensure!(
        !rest.contains(char::is_whitespace),
        "there is a blank in it; write %20 if it belongs there"
    );
    ensure!(
        !rest.contains('#'),
        "there is a `#` in it; in a user name or password write %23"
    );
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    ensure!(
        !tail.contains('@'),
        "there is an `@` behind the first `/` or `?`; in a user name or password write %2F for `/`, %3F for `?` and \
         %40 for `@`"
    );
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let name = path.strip_prefix('/').unwrap_or(path);
    ensure!(
        !name.contains('/'),
        "there is a second `/` behind the host; write %2F in the database's name, and in a user name or password"
    );
    // A host has no `@`, so that the last one is its begin and others are the
    // password's.
    let (login, host) = match authority.rsplit_once('@') {
        Some((login, host)) => (login, host),
        None => ("", authority),
    };
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let (host, port) = split_port(host);

    let mut options = PgConnectOptions::new_without_pgpass();
    if !host.is_empty() {
        options = at(options, &decode("host", host)?)
            .map_err(|what| anyhow::anyhow!("its host {what}"))?;
    }
    if let Some(port) = port.filter(|port| !port.is_empty()) {
        options = options.port(number(port).context(
            "what stands behind the host's `:` is no port; in a user name or password write %2F for `/` and %3F for `?`",
        )?);
    }
    if !user.is_empty() {
        options = options.username(&decode("user name", user)?);
    }
    if !password.is_empty() {
        options = options.password(&decode("password", password)?);
    }
    if !name.is_empty() {
        options = options.database(&decode("database's name", name)?);
    }
    let parameters: Vec<(String, String)> =
        serde_urlencoded::from_str(query).context("what stands behind the `?` cannot be read")?;
    parameters
        .into_iter()
        .enumerate()
        .try_fold(options, |options, (index, (name, value))| {
            with_parameter(options, index, &name, &value)
        })
}

/// One of the parameters that sqlx knows.
fn with_parameter(
    options: PgConnectOptions,
    index: usize,
    name: &str,
    value: &str,
) -> anyhow::Result<PgConnectOptions> {
    Ok(match name {
        "sslmode" | "ssl-mode" => {
            let mode = PgSslMode::from_str(value).ok();
            options.ssl_mode(mode.context(
                "its `sslmode` is not one of: disable, allow, prefer, require, verify-ca, verify-full",
            )?)
        }
        "sslrootcert" | "ssl-root-cert" | "ssl-ca" => options.ssl_root_cert(value),
        "sslcert" | "ssl-cert" => options.ssl_client_cert(value),
        "sslkey" | "ssl-key" => options.ssl_client_key(value),
        "host" | "hostaddr" => {
            at(options, value).map_err(|what| anyhow::anyhow!("its `{name}` {what}"))?
        }
        "port" => options.port(number(value).context("its `port` is no port")?),
        "dbname" => options.database(value),
        "user" => options.username(value),
        "password" => options.password(value),
        "application_name" => options.application_name(value),
        "statement-cache-capacity" => options.statement_cache_capacity(
            number(value).context("its `statement-cache-capacity` is no whole number")?,
        ),
        _ => match option_name(name) {
            Some(option) => options.options([(option, value)]),
            // Only what can be nothing but a name is shown.
            None if is_parameter_name(name) => bail!(
                "the parameter `{name}` is not known here; known are sslmode, sslrootcert, sslcert, sslkey, \
                 application_name, host, hostaddr, port, user, password, dbname, statement-cache-capacity and \
                 options[NAME]"
            ),
            None => bail!("parameter {} behind the `?` has no name", index + 1),
        },
    })
}

/// `NAME` of `options[NAME]`.
fn option_name(parameter: &str) -> Option<&str> {
    parameter.strip_prefix("options[")?.strip_suffix(']')
}

fn is_parameter_name(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || b"_-".contains(&b))
}

/// Splits `HOST:PORT`; an IPv6 address is in brackets.
fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => (&host[..colon], Some(&host[colon + 1..])),
        _ => (host, None),
    }
}

fn number<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn decode(part: &str, text: &str) -> anyhow::Result<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok();
    let decoded =
        decoded.with_context(|| format!("the {part} is no UTF-8 once its %-codes are decoded"))?;
    Ok(decoded.into_owned())
}

fn is_placeholder(text: &str) -> bool {
    text.starts_with('<') && text.ends_with('>')
}

/// Connects to this host, or to the socket in this folder. The words of a refusal
/// follow the setting's name.
fn at(options: PgConnectOptions, host: &str) -> Result<PgConnectOptions, &'static str> {
    let host = host.trim();
    if host.starts_with('/') {
        return Ok(options.socket(host));
    }
    let plain = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    if plain.parse::<Ipv6Addr>().is_ok() {
        return Ok(options.host(plain));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if is_placeholder(host) {
        Err(
            "is still a placeholder in angle brackets: put the name or IP address of PostgreSQL's server there",
        )
    } else if host.contains("://") || host.contains('@') {
        Err(
            "is a whole address: only the server's name or IP address goes there, or set DATABASE_URL instead",
        )
    } else if host.matches(':').count() == 1 {
        Err("holds a `:`: the port goes into DB_PORT")
    } else if host.is_empty() || !host.chars().all(allowed) {
        Err(
            "is neither a host name, nor an IP address, nor the folder of a socket: it has a character that none has",
        )
    } else {
        Ok(options.host(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rest: &str) -> String {
        PostgresAddress::from_url(rest).unwrap().to_string()
    }

    /// The password is not to be had from the options but in an address.
    fn password(rest: &str) -> String {
        use sea_orm::sqlx::ConnectOptions as _;
        let url = PostgresAddress::from_url(rest)
            .unwrap()
            .options()
            .to_url_lossy();
        let password = url.password().unwrap_or_default();
        percent_decode_str(password)
            .decode_utf8()
            .unwrap()
            .into_owned()
    }

    #[test]
    fn addresses_are_read() {
        for (rest, expected) in [
            (
                "u:p@db.example:9291/marketplace",
                "db.example:9291/marketplace",
            ),
            (
                "u@db.example/market%20place",
                "db.example:5432/market place",
            ),
            ("u@[::1]:7/x", "[::1]:7/x"),
            ("u@[::1]/x", "[::1]:5432/x"),
            ("u:p@h:/x", "h:5432/x"),
            ("u:p@h", "h:5432/u"),
            (
                "u@%2Fvar%2Frun%2Fpostgresql/x",
                "/var/run/postgresql:5432/x",
            ),
            (
                "/x?host=/var/run/postgresql&user=u",
                "/var/run/postgresql:5432/x",
            ),
            ("?host=h&port=7&dbname=x&user=u", "h:7/x"),
            (
                "u@h/x?sslmode=require&application_name=m%20p&options[a]=b",
                "h:5432/x",
            ),
        ] {
            assert_eq!(shown(rest), expected, "{rest}");
        }
        let options = PostgresAddress::from_url("u@h/x?sslmode=verify-full&application_name=m%20p")
            .unwrap()
            .options();
        assert!(matches!(options.get_ssl_mode(), PgSslMode::VerifyFull));
        assert_eq!(options.get_application_name(), Some("m p"));
        assert_eq!(options.get_username(), "u");
    }

    #[test]
    fn passwords_are_decoded_and_may_hold_an_at_sign() {
        for (rest, expected) in [
            ("u:hush@h/x", "hush"),
            ("u:a%2Fb%23c%3Fd%40e@h/x", "a/b#c?d@e"),
            ("u:p@ss:word@h/x", "p@ss:word"),
            ("u:50%@h/x", "50%"),
            ("u:@h/x", ""),
            ("u@h/x?password=a%26b", "a&b"),
        ] {
            assert_eq!(password(rest), expected, "{rest}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_any_of_it() {
        for (rest, part) in [
            ("u:hush/hush@h/x", "%2F"),
            ("u:9/hush@h/x", "%2F"),
            ("u:hush#hush@h/x", "%23"),
            ("u:9?hush@h/x", "%3F"),
            ("u:9?hush=hush@h/x", "%3F"),
            ("u:hu@sh/hush@h/x", "%40"),
            ("u:hu sh@h/x", "%20"),
            ("u:hush@h:hush/x", "no port"),
            ("u:hush@h:99999/x", "no port"),
            ("hush:hush/x", "no port"),
            ("u:hush@<database_host>/x", "placeholder"),
            ("u:hush@h,hush/x", "its host"),
            ("u:hush@h/x/hush", "second `/`"),
            ("u:hush%ff@h/x", "password"),
            ("u:hush@h/x?sslmode=hush", "sslmode"),
            ("u:hush@h/x?channel_binding=hush", "`channel_binding`"),
            ("u:hush@h/x?hush123", "parameter 1"),
            ("u:hush@h/x?port=hush", "`port`"),
        ] {
            let error = PostgresAddress::from_url(rest).unwrap_err();
            let error = format!("{error:#}");
            assert!(
                error.starts_with("DATABASE_URL") && error.contains(part),
                "{rest}: {error}"
            );
            assert!(!error.contains("hush"), "{rest}: {error}");
        }
    }

    #[test]
    fn hosts_of_their_own_are_checked() {
        let of = |host: &str| {
            let address = PostgresAddress::of(&Parts {
                host,
                port: 7,
                user: "u",
                password: Some("hush"),
                name: "x",
            });
            address
                .map(|address| address.to_string())
                .map_err(|error| format!("{error:#}"))
        };
        for (host, expected) in [
            ("10.0.0.1 ", "10.0.0.1:7/x"),
            ("db_1.example", "db_1.example:7/x"),
            ("::1", "[::1]:7/x"),
            ("[::1]", "[::1]:7/x"),
            ("/var/run/postgresql", "/var/run/postgresql:7/x"),
        ] {
            assert_eq!(of(host).as_deref(), Ok(expected), "{host}");
        }
        for (host, part) in [
            ("<database_host>", "placeholder"),
            ("hush:9291", "DB_PORT"),
            ("postgres://u:hush@h", "whole address"),
            ("u:hush@h", "whole address"),
            ("hush hush", "character"),
            ("hush/hush", "character"),
        ] {
            let error = of(host).unwrap_err();
            assert!(
                error.starts_with("DB_HOST") && error.contains(part),
                "{host}: {error}"
            );
            assert!(!error.contains("hush"), "{host}: {error}");
        }
    }
}
