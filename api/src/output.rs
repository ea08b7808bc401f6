use std::io::{self, ErrorKind, StdoutLock, Write};

/// Standard output of a command. Where whoever reads it has read enough (`search | head`),
/// the rest goes nowhere, and the command still does what it was asked for.
pub(crate) struct Output(StdoutLock<'static>);

impl Output {
    /// Takes standard output for as long as it lives.
    pub(crate) fn new() -> Self {
        Self(io::stdout().lock())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        or_nowhere(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        or_nowhere(self.0.flush(), ())
    }
}

fn or_nowhere<T>(written: io::Result<T>, instead: T) -> io::Result<T> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(instead),
        written => written,
    }
}
