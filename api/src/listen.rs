//! Takes a port.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::Context;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// How many connections the system keeps that have not been accepted; what it allows at
/// most is less on many machines.
const BACKLOG: i32 = 1024;

/// Takes a port on the address, or on all of the machine: by IPv6, which IPv4 comes
/// through as well, or by IPv4 alone where there is no IPv6. `setting` is what chose the
/// port.
///
/// # Errors
/// When the port is taken, not for this user, or the address none of this machine's;
/// with what to do.
pub fn listen(setting: &str, address: Option<IpAddr>, port: u16) -> anyhow::Result<TcpListener> {
    use io::ErrorKind as Kind;

    let (address, listener) = match address {
        Some(address) => (address, take(address, port)),
        None => on_all(port, take),
    };
    let address = SocketAddr::from((address, port));
    listener
        .map_err(|error| {
            let what_to_do = match error.kind() {
                Kind::AddrInUse => format!(
                    "port {port} is taken: end the program that listens there, or set {setting} to another port"
                ),
                Kind::PermissionDenied => {
                    format!(
                        "port {port} is not for this user: set {setting} to one above 1023, or let the program bind it \
                         (capability NET_BIND_SERVICE)"
                    )
                }
                Kind::AddrNotAvailable => {
                    "LISTEN_ADDRESS is no address of this machine: leave it out to listen on all".to_owned()
                }
                _ => return anyhow::Error::new(error),
            };
            anyhow::Error::new(error).context(what_to_do)
        })
        .with_context(|| format!("cannot listen on {address}, which {setting} names"))
}

/// All addresses, by the first way that this machine has.
fn on_all<T>(port: u16, take: impl Fn(IpAddr, u16) -> io::Result<T>) -> (IpAddr, io::Result<T>) {
    let (six, four) = (Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into());
    match take(six, port) {
        Err(error) if is_no_ipv6(&error) => (four, take(four, port)),
        taken => (six, taken),
    }
}

/// Whether it says that this machine knows no IPv6, or has no address of it.
fn is_no_ipv6(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    code == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error())
        || error.kind() == io::ErrorKind::AddrNotAvailable
}

fn take(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    let address = SocketAddr::from((address, port));
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        // A setting of the system says otherwise on some machines.
        socket.set_only_v6(false)?;
    }
    // So that a server may start while connections of the one before are closing.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_ipv6_listens_by_ipv4() {
        let unsupported = rustix::io::Errno::AFNOSUPPORT;
        let unavailable = rustix::io::Errno::ADDRNOTAVAIL;
        for reason in [unsupported, unavailable] {
            let without = |address: IpAddr, port| {
                if address.is_ipv6() {
                    Err(reason.into())
                } else {
                    Ok(port)
                }
            };
            let (address, taken) = on_all(80, without);
            assert_eq!(
                (address, taken.unwrap()),
                (Ipv4Addr::UNSPECIFIED.into(), 80)
            );
        }
        let taken = |_, _| Err::<(), _>(rustix::io::Errno::ADDRINUSE.into());
        assert!(on_all(80, taken).0.is_ipv6());
    }

    #[tokio::test]
    async fn both_kinds_of_addresses_come_through() {
        let listener = listen("PORT", None, 0).unwrap();
        let port = listener.local_addr().unwrap().port();
        for address in [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            Ipv6Addr::LOCALHOST.into(),
        ] {
            let stream = tokio::net::TcpStream::connect((address, port)).await;
            assert!(stream.is_ok(), "{address}: {stream:?}");
            listener.accept().await.unwrap();
        }
    }
}
