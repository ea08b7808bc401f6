use std::fmt;
use std::io;

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub enum Error {
    /// It was not called as it has to be, or a file that it names cannot be used. Nothing
    /// was sent. The program ends with 2.
    Usage(anyhow::Error),
    /// It was refused, or there was no answer. The program ends with 1.
    Failed(anyhow::Error),
}

impl Error {
    /// What the program ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
        }
    }

    /// It cannot be done.
    pub(crate) fn failed(why: impl fmt::Display) -> Self {
        Self::Failed(anyhow::anyhow!("{why}"))
    }

    /// The command was not called as it has to be.
    pub(crate) fn usage(why: impl fmt::Display) -> Self {
        Self::Usage(anyhow::anyhow!("{why}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(error) | Self::Failed(error)) = self;
        write!(f, "{error:#}")
    }
}

impl std::error::Error for Error {}

/// What cannot be written to standard output.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(error.into())
    }
}
