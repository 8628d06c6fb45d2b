//! The `host-sim` command.

use std::error::Error;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use host_sim::board::emulator::Machine;
use host_sim::board::firmware::{self, Activations, Builder};
use host_sim::board::growth;
use host_sim::board::place::Connection;
use host_sim::board::{Place, bench, inspect, twin};
use host_sim::cli::progress::Progress;
use host_sim::cli::{Bench, Cli, Command, OnBoard, Twin};
use host_sim::networks;
use host_sim::networks::budget::Question;
use host_sim::networks::pretexts;
use host_sim::report;
use host_sim::report::plot::bars;
use host_sim::report::plot::curves;
use host_sim::report::plot::scatter;
use host_sim::run;
use host_sim::run::Where;
use host_sim::run::options::Options;
use host_sim::run::output;
use host_sim::run::predict::{self, Source};
use host_sim::run::settings;
use host_sim::study::ablation;
use host_sim::study::compare;
use host_sim::study::curvature;
use host_sim::study::ideas;
use host_sim::study::labels;
use host_sim::study::modes;

/// Bad data, files, boards or results.
const FAILED: u8 = 1;
/// Options that make no sense; also what clap says of options that it does not know.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match carry_out(Cli::parse().command.unwrap_or_else(|| Command::Train(Box::default()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(if error.is::<settings::Error>() { USAGE } else { FAILED })
        }
    }
}

fn carry_out(command: Command) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Train(options) => train(&options, Where::Here),
        Command::Configs => print(report::configs(&networks::all()).as_bytes()),
        Command::Evaluate(source) => print(report::scores(&predict::evaluate(&source)?).as_bytes()),
        Command::Compare(question) => compare_networks(&question),
        Command::Growth(question) => grow(&question),
        Command::Ladder(question) => climb(&question),
        Command::Spectrum(question) => look_at_curvature(&question),
        Command::Predict { source, output } => predict(&source, output.as_deref()),
        Command::Budget(question) => budget(&question),
        Command::Modes(question) => try_modes(&question),
        Command::Ideas(question) => try_ideas(&question),
        Command::Pretexts => print(report::pretexts(&pretexts::rows()).as_bytes()),
        Command::PretrainStudy(question) => study(&question),
        Command::Board(on_board) => board(&on_board),
        Command::Twin(twin) => compare_bits(&twin),
        Command::Standalone { qemu, activations } => standalone(qemu, activations),
        Command::Bench(question) => count_cycles(&question),
        Command::Boards { boards } => print(report::sizes(&firmware::sizes(&boards, None)?).as_bytes()),
    }
}

fn train(options: &Options, place: Where) -> Result<(), Box<dyn Error>> {
    let mut progress = Progress::new();
    let result = run::train_watched(options, place, &mut |event| progress.show(event));
    progress.finish();
    print(report::run(&result.map_err(usage)?).as_bytes())
}

fn board(OnBoard { place, restart, status, fetch, options }: &OnBoard) -> Result<(), Box<dyn Error>> {
    if let Some(path) = fetch {
        output::check("--fetch", path)?;
    }
    let config = run::check(options).map_err(usage)?;
    settings::check_for_board(options)?;
    let connection = connect(place, config.name)?;
    if *status {
        print(report::standing(&inspect::look(connection, config.name)?).as_bytes())
    } else if let Some(path) = fetch {
        Ok(output::write("--fetch", path, &inspect::weights(connection, config.name)?)?)
    } else {
        train(options, Where::There { connection: Box::new(connection), restart: *restart })
    }
}

fn compare_bits(Twin { place, restart, every, options }: &Twin) -> Result<(), Box<dyn Error>> {
    let config = run::check(options).map_err(usage)?;
    settings::check_for_twin(options)?;
    let connection = connect(place, config.name)?;
    let mut progress = Progress::new();
    let report = twin::run(options, connection, *restart, *every, &mut |step, steps| progress.count(step + 1, steps));
    progress.finish();
    let report = report.map_err(usage)?;
    match &report.difference {
        None => print(report::twin(&report).as_bytes()),
        Some((step, difference)) => Err(report::difference(*step, difference).into()),
    }
}

fn connect(place: &Place, network: &str) -> Result<Connection, Box<dyn Error>> {
    place.qemu.iter().for_each(|machine| announce(*machine));
    Ok(place.connect(network)?)
}

/// The first build takes its time, and says nothing meanwhile.
fn announce(machine: Machine) {
    eprintln!("building the program of {} for QEMU; the first time takes a minute", machine.board().name());
}

fn budget(question: &Question) -> Result<(), Box<dyn Error>> {
    for (option, path) in [("--json", &question.json), ("--svg", &question.svg)] {
        path.as_ref().map(|path| output::check(option, path)).transpose()?;
    }
    let (rows, boards) = (question.rows(), question.boards().collect::<Vec<_>>());
    print(report::budget(&rows).as_bytes())?;
    if let Some(path) = &question.json {
        output::write("--json", path, &serde_json::to_vec_pretty(&rows)?)?;
    }
    if let Some(path) = &question.svg {
        output::write("--svg", path, bars::budgets(&rows, &boards)?.as_bytes())?;
    }
    Ok(question.check()?)
}

fn try_modes(question: &modes::Question) -> Result<(), Box<dyn Error>> {
    question.json.as_ref().map(|path| output::check("--json", path)).transpose()?;
    announce(question.qemu);
    let rows = modes::rows(question, &mut |line| eprintln!("{line}"))?;
    print(report::modes(&rows).as_bytes())?;
    if let Some(path) = &question.json {
        output::write("--json", path, &serde_json::to_vec_pretty(&rows)?)?;
    }
    Ok(modes::check(&rows)?)
}

fn compare_networks(question: &compare::Question) -> Result<(), Box<dyn Error>> {
    for (option, path) in [("--json", &question.json), ("--svg", &question.svg)] {
        path.as_ref().map(|path| output::check(option, path)).transpose()?;
    }
    let rows = compare::rows(question).map_err(usage)?;
    print(report::comparison(&rows).as_bytes())?;
    if let Some(path) = &question.json {
        output::write("--json", path, &serde_json::to_vec_pretty(&rows)?)?;
    }
    if let Some(path) = &question.svg {
        output::write("--svg", path, scatter::comparison(&rows)?.as_bytes())?;
    }
    Ok(())
}

fn study(question: &labels::Question) -> Result<(), Box<dyn Error>> {
    for (option, path) in [("--json", &question.json), ("--svg", &question.svg)] {
        path.as_ref().map(|path| output::check(option, path)).transpose()?;
    }
    let rows = labels::rows(question, &|line| eprintln!("{line}")).map_err(usage)?;
    print(report::pretrain_study(&rows).as_bytes())?;
    if let Some(path) = &question.json {
        output::write("--json", path, &serde_json::to_vec_pretty(&rows)?)?;
    }
    if let Some(path) = &question.svg {
        output::write("--svg", path, curves::picture(&rows)?.as_bytes())?;
    }
    Ok(())
}

fn grow(question: &growth::Question) -> Result<(), Box<dyn Error>> {
    for (option, path) in [("--json", &question.json), ("--svg", &question.svg)] {
        path.as_ref().map(|path| output::check(option, path)).transpose()?;
    }
    announce(Machine::Stm32f405);
    let rows = growth::rows(question)?;
    print(report::growth(&rows).as_bytes())?;
    if let Some(path) = &question.json {
        output::write("--json", path, &serde_json::to_vec_pretty(&rows)?)?;
    }
    if let Some(path) = &question.svg {
        output::write("--svg", path, scatter::growth(&rows)?.as_bytes())?;
    }
    Ok(())
}

fn try_ideas(question: &ideas::Question) -> Result<(), Box<dyn Error>> {
    question.json.as_ref().map(|path| output::check("--json", path)).transpose()?;
    announce(Machine::Stm32f405);
    let rows = ideas::rows(question, &mut |line| eprintln!("{line}"))?;
    print(report::ideas(&rows).as_bytes())?;
    if let Some(path) = &question.json {
        output::write("--json", path, &serde_json::to_vec_pretty(&rows)?)?;
    }
    let different: Vec<_> = rows.iter().filter(|row| !row.outcome.is_equal()).map(|row| row.outcome.trial).collect();
    if different.is_empty() { Ok(()) } else { Err(modes::Different(different.join(", ")).into()) }
}

fn climb(question: &ablation::Question) -> Result<(), Box<dyn Error>> {
    for (option, path) in [("--json", &question.json), ("--svg", &question.svg)] {
        path.as_ref().map(|path| output::check(option, path)).transpose()?;
    }
    let rows = ablation::rows(question).map_err(usage)?;
    print(report::ladder(&rows).as_bytes())?;
    if let Some(path) = &question.json {
        output::write("--json", path, &serde_json::to_vec_pretty(&rows)?)?;
    }
    if let Some(path) = &question.svg {
        output::write("--svg", path, bars::ladder(&rows)?.as_bytes())?;
    }
    Ok(())
}

fn look_at_curvature(question: &curvature::Question) -> Result<(), Box<dyn Error>> {
    type Picture = fn(&[curvature::Row]) -> Result<String, Box<dyn Error>>;
    let pictures: [(_, _, Picture); 3] = [
        ("--svg", &question.svg, curvature::pictures::places),
        ("--histograms", &question.histograms, curvature::pictures::histograms),
        ("--surfaces", &question.surfaces, curvature::pictures::surfaces),
    ];
    for (option, path) in pictures.iter().map(|(option, path, _)| (*option, *path)).chain([("--json", &question.json)])
    {
        path.as_ref().map(|path| output::check(option, path)).transpose()?;
    }
    let rows = curvature::rows(question).map_err(usage)?;
    print(report::spectrum(&rows).as_bytes())?;
    if let Some(path) = &question.json {
        output::write("--json", path, &serde_json::to_vec_pretty(&rows)?)?;
    }
    for (option, path, picture) in pictures {
        if let Some(path) = path {
            output::write(option, path, picture(&rows)?.as_bytes())?;
        }
    }
    Ok(())
}

fn standalone(machine: Machine, activations: Activations) -> Result<(), Box<dyn Error>> {
    announce(machine);
    let elf = Builder::new(machine.board())?.standalone(firmware::Target::Qemu, activations)?;
    Ok(machine.run(&elf, &mut |line| println!("{line}"))?)
}

fn count_cycles(Bench { plain, functions, json }: &Bench) -> Result<(), Box<dyn Error>> {
    json.as_ref().map(|path| output::check("--json", path)).transpose()?;
    bench::missing().map_or(Ok(()), Err)?;
    eprintln!("building the programs for QEMU; the first time takes a minute");
    let rows = bench::run(!plain)?;
    print(report::bench(&rows, *functions).as_bytes())?;
    match json {
        Some(path) => Ok(output::write("--json", path, &serde_json::to_vec_pretty(&rows)?)?),
        None => Ok(()),
    }
}

fn predict(source: &Source, output: Option<&str>) -> Result<(), Box<dyn Error>> {
    if let Some(path) = output {
        output::check("--output", path)?;
    }
    let csv = predict::predict(source)?.to_csv()?;
    match output {
        Some(path) => Ok(output::write("--output", path, &csv)?),
        None => print(&csv),
    }
}

/// A mistake in the options shows in the exit code.
fn usage(error: run::Error) -> Box<dyn Error> {
    match error {
        run::Error::Options(error) => error.into(),
        error => error.into(),
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
