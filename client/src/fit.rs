mod words;

use std::io::Write;

use clap::Args;
use shared::fit::{Demand, Outcome, Verdict, verdicts};

use crate::connection::OpenPaiConnection;
use crate::error::Error;
use crate::openpai::OpenPai;
use crate::source::Source;
use crate::text;

/// Which job, and where.
#[derive(Args, Debug)]
pub struct FitOptions {
    /// The protocol: a file, `-` for standard input, or item:ID for an item of the marketplace
    #[arg(value_name = "FILE|item:ID")]
    source: Source,
    /// Only this virtual cluster
    #[arg(long, value_name = "NAME")]
    virtual_cluster: Option<String>,
    /// Print one JSON array with an object a virtual cluster
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    openpai: OpenPaiConnection,
}

/// Prints for each virtual cluster whether the job runs there and why, the best first;
/// answers whether it runs, now or later, in any of them.
///
/// # Errors
/// When the protocol cannot be read, or is none; when OpenPAI or the marketplace does not
/// answer, or refuses.
pub async fn run(options: &FitOptions, out: &mut dyn Write) -> Result<bool, Error> {
    let source = &options.source;
    let openpai = options.openpai.server()?;
    let text = source.read(&options.openpai.connection).await?;
    let mut demand = Demand::read(&text).ok_or_else(|| {
        Error::failed(format!(
            "{} is no job protocol: it has no task roles",
            text::line(&source.to_string())
        ))
    })?;
    let wanted = &options.virtual_cluster;
    if wanted.is_some() {
        demand.virtual_cluster.clone_from(wanted);
    }
    let openpai = OpenPai::sign_in(openpai).await?;
    let (cluster, user) = openpai.place().await?;
    let mut verdicts = verdicts(&demand, &cluster, &user);
    // Those of others show only where the job names them.
    verdicts.retain(|verdict| match wanted {
        Some(name) => verdict.virtual_cluster == *name,
        None => {
            verdict.outcome != Outcome::NotAllowed
                || demand.virtual_cluster.as_ref() == Some(&verdict.virtual_cluster)
        }
    });
    verdicts.sort_by_key(|verdict| std::cmp::Reverse(verdict.outcome));
    if options.json {
        text::json(out, &verdicts)?;
    } else {
        tell(&verdicts, out)?;
    }
    let runs = |verdict: &Verdict| verdict.outcome >= Outcome::WhenRepaired;
    Ok(verdicts.iter().any(runs))
}

fn tell(verdicts: &[Verdict], out: &mut dyn Write) -> Result<(), Error> {
    if verdicts.is_empty() {
        writeln!(
            out,
            "You may not submit jobs to any virtual cluster: ask an admin."
        )?;
    }
    for verdict in verdicts {
        let name = text::line(&verdict.virtual_cluster);
        let (outcome, certainty) = (
            words::outcome(verdict.outcome),
            words::certainty(verdict.certainty),
        );
        writeln!(out, "{name}: {outcome}, {certainty}")?;
        let reasons = verdict.because.iter().map(words::reason);
        for sentence in reasons.chain(verdict.ahead.and_then(words::ahead)) {
            writeln!(out, "  {}", text::line(&sentence))?;
        }
    }
    Ok(())
}
