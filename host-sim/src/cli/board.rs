//! `board`

use std::error::Error;
use std::sync::Arc;

use trainlet_app::rehearsal::SCALER;

use super::interrupt;
use super::output::{note, print, printable};
use super::train::train;
use super::watching::Watching;
use crate::board::emulator::Machine;
use crate::board::firmware::{self, Activations, Builder, Program};
use crate::board::place::Connection;
use crate::board::{Place, inspect, rehearsal};
use crate::networks::{Network, weights};
use crate::run::checkpoint::Keeping;
use crate::run::options::Options;
use crate::run::{self, Target, output, settings};
use crate::{networks, report};

/// A run on a board, or a look at it.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Start a new run, whatever the board has learnt in another one
    #[arg(long)]
    restart: bool,
    /// Show the progress of the board's run and how much RAM it uses, and do nothing else
    #[arg(long, conflicts_with_all = ["fetch", "tui", "tensorboard"])]
    status: bool,
    /// Have the board save its run in its flash as it is, from which it goes on when it is switched on again, and do nothing else
    #[arg(long, conflicts_with_all = ["status", "fetch", "tui", "tensorboard"])]
    store: bool,
    /// Write the board's weights as they are, and do nothing else; `--init` takes them
    #[arg(long, value_name = "FILE.safetensors", conflicts_with_all = ["tui", "tensorboard"])]
    fetch: Option<String>,
    /// Run the program that trains by itself on the data in its flash, in QEMU
    #[arg(long, requires = "qemu", conflicts_with_all = ["restart", "status", "fetch", "store", "tui", "tensorboard"])]
    standalone: bool,
    /// Run the program that predicts what a sensor measures and learns from it, in QEMU: that of your project, or one to which recordings
    /// are played
    #[arg(long, requires = "qemu", conflicts_with_all = ["restart", "status", "fetch", "store", "standalone", "tui", "tensorboard"])]
    stream: bool,
    /// What `train` has; a board keeps its run itself.
    #[arg(long, alias = "resume", hide = true, value_name = "FILE")]
    checkpoint: Option<String>,
    #[command(flatten)]
    watching: Watching,
    #[command(flatten)]
    options: Options,
}

impl Args {
    /// Trains on the board, or does what else is asked.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let Self { place, restart, status, store, fetch, standalone, stream, checkpoint, watching, options } = self;
        if checkpoint.is_some() {
            return Err(settings::Error::CheckpointOnBoard.into());
        }
        let alone = [(*standalone, Program::Standalone), (*stream, Program::Stream)];
        if let (Some((_, program)), Some(machine)) = (alone.into_iter().find(|(asked, _)| *asked), place.qemu) {
            return run_alone(program, machine, place, options);
        }
        watching.check(options)?;
        output::check_all(&[], &[("--fetch", fetch.as_deref())])?;
        let network = run::check(options)?;
        settings::check_for_board(options)?;
        let connection = connect(place, network, options)?;
        if *status {
            print(&report::standing(&inspect::look(connection, network)?))
        } else if *store {
            print(&report::stored(&inspect::store(connection, network)?))
        } else if let Some(path) = fetch {
            let weights = inspect::weights(connection, network)?;
            Ok(output::write("--fetch", path, &weights::to_bytes(&weights, None)?)?)
        } else {
            let target = Target::Board { connection: Box::new(connection), restart: *restart };
            // A terminal without a screen sends Ctrl-C to the emulator as well, which ends it at once.
            let stop = if watching.is_live() { interrupt::flag()? } else { Arc::default() };
            train(options, target, Keeping { stop: Some(&stop), ..Keeping::default() }, watching, &stop)
        }
    }
}

/// Of a project, the program in its own folder.
fn run_alone(program: Program, machine: Machine, place: &Place, options: &Options) -> Result<(), Box<dyn Error>> {
    if *options != (Options { network: networks::default().into(), ..Options::default() }) {
        return Err(settings::Error::Standalone.into());
    }
    announce(machine);
    let builder = Builder::new(machine.board())?;
    let elf = match (networks::find(&options.network)?.source, program) {
        (Some(source), _) => builder.own(program, firmware::Target::Qemu, &source)?,
        (None, Program::Stream) => return rehearse(machine),
        (None, _) => builder.standalone(firmware::Target::Qemu, place.activations.unwrap_or(Activations::Keep))?,
    };
    Ok(machine.run_with(&elf, &place.flash(machine)?, &mut |line| println!("{}", printable(line)))?)
}

/// Plays recordings to the emulated board, and then here.
fn rehearse(machine: Machine) -> Result<(), Box<dyn Error>> {
    if machine != rehearsal::MACHINE {
        return Err(settings::Error::NoStream.into());
    }
    rehearsal::emulate(&mut |line| println!("{}", printable(line)))?;
    if let Some(outcome) = rehearsal::simulate(SCALER, &mut |_| ()) {
        println!("on this computer: CRC-32 {:08x}", outcome.weights_crc32);
    }
    Ok(())
}

/// Reaches the board, and builds its program first where it is emulated.
pub fn connect(place: &Place, network: &'static Network, options: &Options) -> Result<Connection, Box<dyn Error>> {
    place.qemu.iter().for_each(|machine| announce(*machine));
    Ok(place.connect(network, options.update.state.unwrap_or_default())?)
}

/// A first build takes a while, in which nothing is printed.
pub fn announce(machine: Machine) {
    note(&format!("building the program of {} for QEMU; the first time takes a minute", machine.board().name()));
}

const EXAMPLES: &str = "\
Examples:
  host-sim board --qemu stm32f405 --epochs 2
  host-sim board --port /dev/ttyACM0 --save shoulder.safetensors --json shoulder.json
  host-sim board --port /dev/ttyACM0 --status
  host-sim board --port /dev/ttyACM0 --fetch found.safetensors
  host-sim board --qemu stm32f405 --standalone
  host-sim board --qemu stm32f405 --stream
  host-sim board --qemu stm32f405 --standalone --flash-image flash.img
  host-sim board --port /dev/ttyACM0 --store
  host-sim board --qemu riscv-virt --network flow-7x6 --data train.csv --steps 50

If the connection breaks, give the same command again: the board recognises the run and continues it; after a loss of
power, from its last save.";
