//! Sets up, runs and tests the marketplace: `cargo xtask --help`.
//!
//! What a task needs beyond Rust and a C compiler is fetched on first use
//! ([`setup`]) into a cache outside the clone, after saying so. The tasks
//! themselves are [`run`], [`mod@test`] and [`mod@bench`].

#![expect(clippy::print_stdout, reason = "these tasks talk to a person")]

mod bench;
mod bundle;
mod interrupt;
mod plugin;
mod postgres;
mod process;
mod run;
mod sbom;
mod service;
mod setup;
mod tally;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use interrupt::Interrupted;
use workspace::Workspace;

/// Sets up, runs and tests the marketplace.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    task: Task,
    /// Show the output of every tool instead of keeping it in target/xtask
    #[arg(short, long, global = true)]
    verbose: bool,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything and start it on this machine, until Ctrl-C
    Run(run::Args),
    /// Run all tests, on the databases and the browser they need
    Test(test::Args),
    /// Build the plugin into dist/, ready to be served
    BuildPlugin,
    /// Measure speed and memory of the API against what is asked of it
    Bench(bench::Args),
    /// Write the bills of materials and licences of the images' contents to target/sbom
    Sbom,
    /// Install what the tests and the plugin's build need, and nothing more
    Setup,
    /// Make plugin.js of what trunk built; trunk calls this
    #[command(hide = true)]
    Bundle,
}

fn main() -> ExitCode {
    match perform(Cli::parse()) {
        Ok(code) => code,
        Err(error) if error.is::<Interrupted>() => {
            eprintln!("Interrupted.");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(cli: Cli) -> anyhow::Result<ExitCode> {
    interrupt::listen()?;
    let workspace = Workspace::locate(cli.verbose)?;
    match cli.task {
        Task::Run(args) => run::run(&workspace, &args).map(|()| ExitCode::SUCCESS),
        Task::Test(args) => test::run(&workspace, &args),
        Task::BuildPlugin => {
            plugin::build(&workspace, &setup::for_plugin(&workspace)?)?;
            println!("The plugin is in {}/.", plugin::DIST);
            Ok(ExitCode::SUCCESS)
        }
        Task::Bench(args) => bench::run(&workspace, &args).map(|()| ExitCode::SUCCESS),
        Task::Sbom => {
            let folder = sbom::write(&workspace)?;
            println!("They are in {}.", workspace.shown(&folder));
            Ok(ExitCode::SUCCESS)
        }
        Task::Bundle => bundle::run(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Setup => {
            setup::for_tests(&workspace)?;
            println!("Everything is set up.");
            Ok(ExitCode::SUCCESS)
        }
    }
}
