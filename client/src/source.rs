use std::convert::Infallible;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use shared::wire::{Item, Version};

use crate::connection::Connection;
use crate::error::Error;
use crate::files;
use crate::server::{Failure, Server, item_path};

/// What stands before an item's id where a file may be meant too.
const MARK: &str = "item:";

/// An item, perhaps one of its versions: `ID`, `ID@NUMBER`, both with or without `item:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemAddress {
    /// The item's id.
    pub id: String,
    /// The number of a version.
    pub version: Option<u32>,
}

impl FromStr for ItemAddress {
    type Err = Infallible;

    /// Every text is one: ids are free text.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let text = text.strip_prefix(MARK).unwrap_or(text);
        let versioned = text
            .rsplit_once('@')
            .and_then(|(id, number)| Some((id, number.parse().ok()?)));
        Ok(match versioned {
            Some((id, number)) => Self {
                id: id.to_owned(),
                version: Some(number),
            },
            None => Self {
                id: text.to_owned(),
                version: None,
            },
        })
    }
}

impl ItemAddress {
    /// The protocol, as YAML text.
    pub(crate) async fn protocol(&self, api: &Server) -> Result<String, Failure> {
        let path = item_path(&self.id);
        let text = match self.version {
            Some(number) => {
                let path = format!("{path}/versions/{number}");
                api.get::<Version>(&path).await?.protocol
            }
            None => api.get::<Item>(&path).await?.protocol,
        };
        Ok(text.unwrap_or_default())
    }
}

/// A protocol: a file, `-` for standard input, or `item:ID` with or without `@VERSION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, or standard input.
    File(PathBuf),
    /// An item of the marketplace.
    Item(ItemAddress),
}

impl From<OsString> for Source {
    fn from(text: OsString) -> Self {
        match text.to_str().and_then(|text| text.strip_prefix(MARK)) {
            Some(id) => match id.parse() {
                Ok(address) => Self::Item(address),
                Err(never) => match never {},
            },
            None => Self::File(text.into()),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Item(address) => {
                write!(f, "{MARK}{}", address.id)?;
                address
                    .version
                    .map_or(Ok(()), |number| write!(f, "@{number}"))
            }
        }
    }
}

impl Source {
    /// The protocol's text; only items need a connection.
    ///
    /// # Errors
    /// When the file cannot be read, or the marketplace does not answer, or refuses.
    pub async fn read(&self, connection: &Connection) -> Result<String, Error> {
        match self {
            Self::File(path) => files::read_text(path).map_err(Error::Usage),
            Self::Item(address) => Ok(address.protocol(&connection.marketplace()?).await?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str, version: Option<u32>) -> ItemAddress {
        ItemAddress {
            id: id.to_owned(),
            version,
        }
    }

    #[test]
    fn files_and_items_are_told_apart() {
        for (text, source) in [
            ("job.yaml", Source::File("job.yaml".into())),
            ("-", Source::File("-".into())),
            ("./item:1", Source::File("./item:1".into())),
            ("item:1", Source::Item(item("1", None))),
            ("item:1@2", Source::Item(item("1", Some(2)))),
            ("item:a@b", Source::Item(item("a@b", None))),
            ("item:a@b@3", Source::Item(item("a@b", Some(3)))),
        ] {
            assert_eq!(Source::from(OsString::from(text)), source);
            assert_eq!(source.to_string(), text);
        }
        assert_eq!("1@2".parse(), Ok(item("1", Some(2))));
        assert_eq!("item:1".parse(), Ok(item("1", None)));
    }
}
