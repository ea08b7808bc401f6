use std::net::IpAddr;
use std::time::Duration;

use clap::Args;

use super::environment::seconds;

/// Where a server listens, and for how long on its way down.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Listening")]
pub struct ListenOptions {
    /// The IP address to listen on; default: all of the machine, IPv6 and IPv4
    #[arg(long, env = "LISTEN_ADDRESS", value_name = "ADDRESS", value_parser = ListenOptions::parse_address)]
    pub listen_address: Option<IpAddr>,
    /// Seconds from SIGTERM to the moment when nobody listens any more: /readyz
    /// answers 503 meanwhile, and everything else as before
    #[arg(long, env = "DRAIN_TIME", value_name = "SECONDS", default_value = "5", value_parser = seconds(0..=300))]
    pub drain_time: Duration,
}

impl ListenOptions {
    /// Reads an IP address, in brackets or not.
    ///
    /// # Errors
    /// When it is none; what to write, without what was given.
    pub fn parse_address(text: &str) -> Result<IpAddr, String> {
        let text = text.trim();
        let bare = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        bare.unwrap_or(text)
            .parse()
            .map_err(|_| "write an IP address, such as 127.0.0.1 or ::1".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_brackets() {
        for (text, expected) in [
            (" 10.0.0.1 ", "10.0.0.1"),
            ("::1", "::1"),
            ("[fd00::2]", "fd00::2"),
        ] {
            assert_eq!(
                ListenOptions::parse_address(text),
                Ok(expected.parse().unwrap()),
                "{text}"
            );
        }
        for text in ["localhost", "127.0.0.1:80", "[::1]:80", "::1]", ""] {
            assert!(ListenOptions::parse_address(text).is_err(), "{text}");
        }
    }
}
