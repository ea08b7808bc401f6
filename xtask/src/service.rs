//! A server that runs beside us for a while.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;

use crate::interrupt;
use crate::process::{TICK, signal, tail};

/// How long a server may take to finish what it is doing.
const GRACE: Duration = Duration::from_secs(10);

/// A running server. Dropping it stops it.
pub(crate) struct Service {
    name: &'static str,
    child: Child,
    log: PathBuf,
    stop_signal: Signal,
    asked_to_stop: bool,
}

impl Service {
    /// Starts a server, called `name` by people, with its output in `log` and
    /// in a process group of its own: Ctrl-C in the terminal reaches only us,
    /// and we stop all servers in order.
    pub(crate) fn start(name: &'static str, command: &mut Command, log: PathBuf) -> Result<Self> {
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start the {name}"))?;
        Ok(Self {
            name,
            child,
            log,
            stop_signal: Signal::TERM,
            asked_to_stop: false,
        })
    }

    /// Stops by `signal` instead of SIGTERM.
    pub(crate) fn stopped_by(mut self, signal: Signal) -> Self {
        self.stop_signal = signal;
        self
    }

    /// Waits until `ready` says so.
    ///
    /// # Errors
    /// When the server ends before, or the time is over, with the end of its
    /// log; when somebody asked to stop.
    pub(crate) fn wait_until(
        &mut self,
        limit: Duration,
        mut ready: impl FnMut() -> bool,
    ) -> Result<()> {
        let started = Instant::now();
        while !ready() {
            interrupt::check()?;
            self.check()?;
            if started.elapsed() > limit {
                bail!(
                    "the {} did not answer within {} seconds. Its log ends with:\n{}",
                    self.name,
                    limit.as_secs(),
                    tail(&self.log)
                );
            }
            std::thread::sleep(TICK);
        }
        Ok(())
    }

    /// # Errors
    /// When the server has ended, with the end of its log.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!(
                "the {} ended ({status}). Its log, {}, ends with:\n{}",
                self.name,
                self.log.display(),
                tail(&self.log)
            ),
        }
    }

    /// Asks the server to stop, once, without waiting for it.
    fn ask_to_stop(&mut self) {
        if !std::mem::replace(&mut self.asked_to_stop, true) {
            signal(&mut self.child, self.stop_signal);
        }
    }

    /// Waits until it has stopped; kills it when its time is over or when
    /// somebody asks to stop once more.
    fn finish(&mut self) {
        let (asked, started) = (interrupt::count(), Instant::now());
        while started.elapsed() < GRACE && interrupt::count() <= asked {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(TICK);
        }
        eprintln!("The {} does not stop and is killed.", self.name);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.ask_to_stop();
        self.finish();
    }
}

/// Stops servers side by side.
pub(crate) fn stop_all(mut services: Vec<Service>) {
    for service in &mut services {
        service.ask_to_stop();
    }
}

/// Whether `GET http://127.0.0.1:PORT/PATH` is answered with a 2xx status.
pub(crate) fn answers(port: u16, path: &str) -> bool {
    let get = || -> std::io::Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            stream,
            "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n"
        )?;
        let mut start = [0; "HTTP/1.0 2".len()];
        stream.read_exact(&mut start)?;
        Ok(start.starts_with(b"HTTP/1.") && start.ends_with(b" 2"))
    };
    get().unwrap_or(false)
}
