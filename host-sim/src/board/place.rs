//! Which board, and how to reach it.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{ArgGroup, Args};
use trainlet::link::client::Client;

use super::Error;
use super::emulator::{Emulator, Machine};
use super::firmware::{Activations, Builder, Target, Variant};
use super::line::Line;
use crate::networks::Network;
use crate::networks::optimizer::StateName;

/// Bits per second of the boards' programs.
const BAUD: u32 = 921_600;

/// A board, real or emulated.
#[derive(Clone, Debug, PartialEq, Args)]
#[group(skip)]
#[command(group(ArgGroup::new("place").required(true).args(["qemu", "port"])))]
pub struct Place {
    /// Build the board's program and run it in QEMU
    #[arg(long, value_enum, value_name = "BOARD")]
    pub qemu: Option<Machine>,
    /// What the blocks keep for the backward pass in the program that is built; the weights come out the same
    #[arg(long, value_enum, conflicts_with = "port")]
    pub activations: Option<Activations>,
    /// Keep the flash of the emulated board in this file, in which its run goes on the next time; it is made if it is not there
    #[arg(long, value_name = "FILE", conflicts_with = "port")]
    pub flash_image: Option<PathBuf>,
    /// Have the board save its run in its flash after every N steps, beside what it saves by itself
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(1..))]
    pub store_every: Option<u32>,
    /// A board with the program `node`, at this serial port: /dev/ttyACM0, COM3
    #[arg(long, value_name = "PORT")]
    pub port: Option<String>,
    /// Bits per second of the serial port, as the board's program has them
    #[arg(long, default_value_t = BAUD, value_name = "RATE", conflicts_with = "qemu")]
    pub baud: u32,
}

/// A line to a board on which nothing has been said yet.
pub struct Connection {
    /// Name of the board's place, for messages.
    pub place: String,
    /// The host's end of the link.
    pub client: Client<Line>,
    /// Steps from one save that the board is asked for to the next.
    pub store_every: Option<u32>,
    /// Ends with the connection.
    _emulator: Option<Emulator>,
}

impl Place {
    /// Reaches the board, and builds and starts it where it is emulated; `network` is what it is to train, `state` how its optimiser
    /// keeps a number.
    ///
    /// # Errors
    /// No such port, no emulator, no compiler.
    pub fn connect(&self, network: &Network, state: StateName) -> Result<Connection, Error> {
        match (self.qemu, &self.port) {
            (Some(machine), _) => {
                let activations = self.activations.unwrap_or(Activations::Keep);
                let elf = Builder::new(machine.board())?.node(
                    Target::Qemu,
                    network.name,
                    network.source.as_ref(),
                    Variant { activations, state },
                )?;
                let (emulator, line) = Emulator::connect(machine, &elf, &self.flash(machine)?)?;
                let place = format!("{} in QEMU", machine.board().name());
                let store_every = self.store_every;
                Ok(Connection { _emulator: Some(emulator), store_every, ..Connection::over(line, place) })
            }
            (None, port) => {
                let port = port.clone().unwrap_or_default();
                let line = Line::open(&port, self.baud).map_err(|source| unknown_port(&port, source))?;
                let place = format!("the board at {port}");
                Ok(Connection { store_every: self.store_every, ..Connection::over(line, place) })
            }
        }
    }
}

impl Place {
    /// A board with the program `node`, at this serial port.
    pub fn port(port: &str) -> Self {
        let port = Some(port.into());
        Self { port, qemu: None, activations: None, flash_image: None, store_every: None, baud: BAUD }
    }

    /// What an emulator is to be told of its flash.
    ///
    /// # Errors
    /// The file cannot be made or written.
    pub fn flash(&self, machine: Machine) -> Result<Vec<String>, Error> {
        Ok(self.flash_image.as_ref().map_or(Ok(Vec::new()), |image| machine.with_flash(image))?)
    }
}

impl Connection {
    /// Over any line; `place` names it.
    pub fn over(line: Line, place: String) -> Self {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            place,
            client: Client::new(line, Line::age, time.subsec_nanos() ^ time.as_secs() as u32),
            store_every: None,
            _emulator: None,
        }
    }
}

fn unknown_port(port: &str, source: serialport::Error) -> Error {
    let ports = serialport::available_ports().unwrap_or_default();
    let names: Vec<_> = ports.into_iter().map(|port| port.port_name).collect();
    let there = match &names[..] {
        [] => "There are no serial ports: is the board plugged in?".into(),
        names => format!("There are: {}.", names.join(", ")),
    };
    Error::Port { port: port.into(), source, there }
}
