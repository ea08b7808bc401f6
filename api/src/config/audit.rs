//! The settings of the audit.

use std::num::NonZero;

use clap::Args;

use super::environment::number;

/// A year, and some weeks to look at it.
const DEFAULT_DAYS: u32 = 400;

/// A hundred years.
const MAX_DAYS: u32 = 36_500;

/// How long it is known who did what.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Audit")]
pub struct AuditOptions {
    /// Days for which the audit (who did what when) is kept; 0 keeps it for ever
    #[arg(long, env = "AUDIT_DAYS", value_name = "DAYS", default_value_t = DEFAULT_DAYS, value_parser = number(0..=MAX_DAYS))]
    pub audit_days: u32,
}

impl AuditOptions {
    /// For how many days; none is for ever.
    pub fn days(self) -> Option<NonZero<u32>> {
        NonZero::new(self.audit_days)
    }
}
