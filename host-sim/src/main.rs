//! The `host-sim` command.

use std::error::Error;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use host_sim::apply::{self, Source};
use host_sim::cli::{Cli, Command};
use host_sim::options::Options;
use host_sim::progress::Progress;
use host_sim::{configs, output, recipe, report, run};

/// Bad data, files or results.
const FAILED: u8 = 1;
/// Options that make no sense; also what clap says of options that it does not know.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match carry_out(Cli::parse().command.unwrap_or_else(|| Command::Train(Box::default()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(if error.is::<recipe::Error>() { USAGE } else { FAILED })
        }
    }
}

fn carry_out(command: Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Train(options) => train(&options),
        Command::Configs => print(report::configs(&configs::all()).as_bytes()),
        Command::Evaluate(source) => print(report::scores(&apply::evaluate(&source)?).as_bytes()),
        Command::Predict { source, output } => predict(&source, output.as_deref()),
    }
}

fn train(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut progress = Progress::new();
    let result = run::train_watched(options, &mut |event| progress.show(event));
    progress.finish();
    match result {
        Ok(record) => print(report::run(&record).as_bytes()),
        Err(run::Error::Options(error)) => Err(error.into()),
        Err(error) => Err(error.into()),
    }
}

fn predict(source: &Source, output: Option<&str>) -> Result<(), Box<dyn Error>> {
    if let Some(path) = output {
        output::check("--output", path)?;
    }
    let csv = apply::predict(source)?.to_csv()?;
    match output {
        Some(path) => Ok(output::write("--output", path, &csv)?),
        None => print(&csv),
    }
}

/// To standard output, whose reader may leave when it has seen enough.
fn print(bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let newline: &[u8] = if bytes.ends_with(b"\n") { b"" } else { b"\n" };
    match out.write_all(bytes).and_then(|()| out.write_all(newline)).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
