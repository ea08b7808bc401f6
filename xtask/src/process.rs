//! Running tools: quietly with a sign of life, or watched line by line.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::interrupt;
use crate::workspace::Workspace;

/// How long a person is left without a sign of life.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);
/// How often waiting code looks up.
pub(crate) const TICK: Duration = Duration::from_millis(100);
/// How many lines of a log go to the terminal after a failure.
const TAIL: usize = 30;

impl Workspace {
    /// Runs a command to its end with its output in the log `name`. `doing`
    /// says what it does, as in "building trunk".
    ///
    /// # Errors
    /// When it cannot be started or fails: the end of its output, and where
    /// the rest is.
    pub(crate) fn quietly(&self, name: &str, doing: &str, command: &mut Command) -> Result<()> {
        self.quietly_within(Duration::MAX, name, doing, command)
    }

    /// The same, and ends it when it takes longer than `limit`.
    ///
    /// # Errors
    /// As [`Self::quietly`], and when it took too long.
    pub(crate) fn quietly_within(
        &self,
        limit: Duration,
        name: &str,
        doing: &str,
        command: &mut Command,
    ) -> Result<()> {
        let log = self.log(name);
        if !self.verbose {
            let file = File::create(&log)?;
            command.stdout(file.try_clone()?).stderr(file);
        }
        let mut child = spawn(command.stdin(Stdio::null()))?;
        let started = Instant::now();
        let mut next_sign = SIGN_OF_LIFE;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if let Err(interrupted) = interrupt::check() {
                end(&mut child);
                return Err(interrupted);
            }
            if started.elapsed() >= limit {
                end(&mut child);
                bail!("{doing} took longer than {}", clock(limit));
            }
            if started.elapsed() >= next_sign {
                next_sign += SIGN_OF_LIFE;
                println!("    still {doing} … {}", clock(started.elapsed()));
            }
            std::thread::sleep(TICK);
        };
        if status.success() {
            return Ok(());
        }
        // Ctrl-C in a terminal reaches the command as well.
        interrupt::check()?;
        if self.verbose {
            bail!("{doing} failed ({status})");
        }
        bail!(
            "{doing} failed ({status}). All of its output is in {}; it ends with:\n{}",
            self.shown(&log),
            tail(&log)
        );
    }

    /// Runs a command to its end, shows its output as it comes, keeps it in
    /// the log `name` and hands each line to `each`.
    ///
    /// # Errors
    /// When it cannot be started. That it failed is in the status.
    pub(crate) fn watched(
        &self,
        name: &str,
        command: &mut Command,
        mut each: impl FnMut(&str),
    ) -> Result<ExitStatus> {
        let mut log = File::create(self.log(name))?;
        let (output, input) = std::io::pipe()?;
        command
            .stdin(Stdio::null())
            .stdout(input.try_clone()?)
            .stderr(input);
        let mut child = spawn(command)?;
        // The command holds the pipe's writing end: while it does, the
        // reader below sees no end of the output.
        command.stdout(Stdio::null()).stderr(Stdio::null());

        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut status = None;
        loop {
            match lines.recv_timeout(TICK) {
                Ok(line) => {
                    println!("{line}");
                    writeln!(log, "{line}")?;
                    each(&line);
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                // A grandchild that lives on would keep the pipe open.
                Err(mpsc::RecvTimeoutError::Timeout) if status.is_some() => break,
                Err(mpsc::RecvTimeoutError::Timeout) => status = child.try_wait()?,
            }
            if let Err(interrupted) = interrupt::check() {
                end(&mut child);
                return Err(interrupted);
            }
        }
        let status = status.map_or_else(|| child.wait(), Ok)?;
        // Ctrl-C in a terminal reaches the command as well.
        interrupt::check()?;
        Ok(status)
    }
}

/// A command whose process ends with this one, however this one ends, where
/// the system can do that (Linux with util-linux).
pub(crate) fn tethered(program: impl AsRef<Path>) -> Command {
    static SETPRIV: OnceLock<bool> = OnceLock::new();
    let works = *SETPRIV.get_or_init(|| {
        Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "true"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    });
    if !works {
        return Command::new(program.as_ref());
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM"]).arg(program.as_ref());
    command
}

/// The answer of `program --version`, if there is one.
pub(crate) fn version_of(program: &Path) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The last lines of a log, indented.
pub(crate) fn tail(log: &Path) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..]
        .iter()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A duration as people say it: `45s`, `2m40s`.
pub(crate) fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds / 60 {
        0 => format!("{seconds}s"),
        minutes => format!("{minutes}m{:02}s", seconds % 60),
    }
}

fn spawn(command: &mut Command) -> Result<Child> {
    let program = Path::new(command.get_program()).display().to_string();
    command
        .spawn()
        .with_context(|| format!("cannot start {program}"))
}

/// Asks a process to stop and waits until it has: cargo and node take their
/// own children with them.
fn end(child: &mut Child) {
    signal(child, rustix::process::Signal::TERM);
    let asked = Instant::now();
    while asked.elapsed() < Duration::from_secs(10) {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(TICK);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Sends a signal; one that has already ended is left alone.
pub(crate) fn signal(child: &mut Child, signal: rustix::process::Signal) {
    if matches!(child.try_wait(), Ok(None))
        && let Ok(id) = i32::try_from(child.id())
        && let Some(pid) = rustix::process::Pid::from_raw(id)
    {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::clock;

    #[test]
    fn a_clock_is_short() {
        assert_eq!(clock(Duration::from_secs(45)), "45s");
        assert_eq!(clock(Duration::from_secs(160)), "2m40s");
    }
}
