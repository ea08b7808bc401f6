use clap::builder::FalseyValueParser;
use clap::{ArgAction, Args};

use super::environment::number;

/// Who may read what the API counts.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Figures")]
pub struct FiguresOptions {
    /// A port of its own for /metrics, /healthz and /readyz; keep it from those who
    /// are not to read figures. Without it /metrics is off
    #[arg(long, env = "ADMIN_PORT", value_name = "PORT", value_parser = number(0..=u16::MAX))]
    pub admin_port: Option<u16>,
    /// Answer /metrics on the API's own port too, for everybody who reaches it:
    /// through pylon the whole world. Anything but an empty value, 0, n, no, f,
    /// false or off switches it on
    #[arg(
        long,
        env = "PUBLIC_METRICS",
        value_name = "BOOL",
        value_parser = FalseyValueParser::new(),
        action = ArgAction::Set,
        default_value_t,
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true
    )]
    pub public_metrics: bool,
}
