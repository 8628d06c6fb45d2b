//! The program `adapt`: what it knows about people when it is flashed, and an emulated board that adapts to a new one.

use std::fmt::Write as _;

use trainlet_app::watch::{People, Window};

use super::Error;
use super::emulator::Machine;
use super::firmware::{Builder, Target};
use crate::export::rust;

/// The board that adapts in QEMU.
pub const MACHINE: Machine = Machine::Stm32f405;

/// What the program is built from.
pub struct Adaptation<'a> {
    /// Who is new, 1 to 10.
    pub subject: u32,
    /// Windows of each recording that have a label; `None` for its first half.
    pub labels: Option<usize>,
    /// Fixes every random number.
    pub seed: u64,
    /// Passes over the windows.
    pub epochs: u32,
    /// Samples per step.
    pub batch: u32,
    /// The learning rate, which stays.
    pub rate: f32,
    /// Windows of other people that are learnt again.
    pub replayed: Vec<Window>,
    /// Trained on the others.
    pub weights: &'a [f32],
}

/// What a board has learnt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adapted {
    /// CRC-32 of the weights.
    pub weights_crc32: u32,
    /// Seconds by the board's clock.
    pub seconds: f64,
    /// Bytes of RAM that it says it takes, its stack left out.
    pub ram: Option<usize>,
}

impl Adaptation<'_> {
    /// The file that the build of the program takes in.
    pub fn source(&self) -> String {
        let Self { subject, labels, seed, epochs, batch, rate, replayed, weights } = self;
        let others: Vec<_> = People::only(&[*subject as u8]).others().windows().collect();
        let numbers = replayed.iter().filter_map(|window| others.iter().position(|other| other == window));
        let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
        let weights: Vec<_> = weights.iter().map(|weight| rust(*weight)).collect();
        let mut text = String::new();
        let _ = writeln!(
            text,
            "// `host-sim personalise --firmware` writes this.\n\n/// Who is new.\npub const SUBJECT: u8 = {subject};\n\
             /// Windows of each recording that have a label; all of its first half if it is not said.\n\
             pub const LABELS: Option<usize> = {labels:?};\n/// How it learns.\npub const SETTINGS: Settings = Settings {{ \
             seed: {seed}, epochs: {epochs}, batch: {batch}, rate: {}, ..Settings::DEFAULT }};",
            rust(*rate)
        );
        list(&mut text, "Windows of the others that are learnt again, by number.", "REPLAYED: [u16; ", &numbers);
        list(&mut text, "The weights that it starts with.", "PRETRAINED: [f32; ", &weights);
        text
    }

    /// Builds the program and runs it in QEMU, at about the pace of the board.
    ///
    /// # Errors
    /// No compiler, no emulator, or a program that does not say what is expected.
    pub fn emulate(&self) -> Result<Adapted, Error> {
        let elf =
            Builder::new(MACHINE.board())?.adapt(Target::Qemu, &format!("subject-{}", self.subject), &self.source())?;
        let mut output = Vec::new();
        MACHINE.run_paced(&elf, &mut |line| output.push(line.to_string()))?;
        let word = |before| output.iter().find_map(|line| line.strip_prefix(before)?.split_whitespace().next());
        let crc = word("weights: CRC-32 ").and_then(|word| u32::from_str_radix(word, 16).ok());
        let micros = word("time: ").and_then(|word| word.parse::<u32>().ok());
        let ram = word("memory: ").and_then(|word| word.parse().ok());
        let (Some(weights_crc32), Some(micros)) = (crc, micros) else {
            return Err(Error::Unexpected { what: "adapt", output: output.join("\n") });
        };
        Ok(Adapted { weights_crc32, seconds: f64::from(micros) * 1e-6, ram })
    }
}

/// Twelve values per line.
fn list(text: &mut String, about: &str, name: &str, values: &[String]) {
    let _ = writeln!(text, "/// {about}\n#[rustfmt::skip]\npub static {name}{}] = [", values.len());
    for line in values.chunks(12) {
        let _ = writeln!(text, "    {},", line.join(", "));
    }
    text.push_str("];\n");
}
