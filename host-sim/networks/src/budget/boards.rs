//! Boards: how much RAM they have, and about how long they take.

use serde::Serialize;
use trainlet_app::board::{Slots, ram};

pub use super::counted::Weights;
use super::counted::{self, Costs};
use crate::Network;

/// A board and its RAM.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Board {
    /// Its name.
    pub name: &'static str,
    /// Bytes of RAM for the variables and the stack of a program.
    pub ram: usize,
    /// What it is.
    pub about: &'static str,
    /// Its processor.
    pub core: Core,
    /// Its clock.
    pub mhz: f64,
    /// Where it keeps checkpoints; none on a board that has no programs here.
    #[serde(skip)]
    pub slots: Slots,
}

/// From small to large.
pub const BOARDS: [Board; 7] = [
    Board {
        name: "stm32g431",
        ram: ram::STM32G431,
        about: "Cortex-M4F",
        core: Core::CortexM4F,
        mhz: 170.0,
        slots: Slots::NONE,
    },
    Board {
        name: "stm32f405",
        ram: ram::STM32F405,
        about: "Cortex-M4F; 64 KiB of CCM beside",
        core: Core::CortexM4F,
        mhz: 168.0,
        slots: Slots::STM32F405,
    },
    Board {
        name: "nucleo-f446re",
        ram: ram::NUCLEO_F446RE,
        about: "Cortex-M4F",
        core: Core::CortexM4F,
        mhz: 180.0,
        slots: Slots::NUCLEO_F446RE,
    },
    Board {
        name: "nrf52840",
        ram: ram::NRF52840,
        about: "Cortex-M4F",
        core: Core::CortexM4F,
        mhz: 64.0,
        slots: Slots::NRF52840,
    },
    Board {
        name: "esp32c3",
        ram: ram::ESP32C3,
        about: "RV32IMC; what esp-hal leaves of 400 KiB",
        core: Core::Rv32imc,
        mhz: 160.0,
        slots: Slots::ESP,
    },
    Board {
        name: "esp32c6",
        ram: ram::ESP32C6,
        about: "RV32IMAC; what esp-hal leaves of 512 KiB",
        core: Core::Rv32imc,
        mhz: 160.0,
        slots: Slots::ESP,
    },
    Board {
        name: "rp2350",
        ram: ram::RP2350,
        about: "Cortex-M33F",
        core: Core::CortexM33F,
        mhz: 150.0,
        slots: Slots::RP2350,
    },
];

/// Their names.
pub const NAMES: [&str; BOARDS.len()] = {
    let mut names = [""; BOARDS.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = BOARDS[index].name;
        index += 1;
    }
    names
};

/// A processor, as far as speed goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Core {
    /// Calculates with `f32`.
    CortexM4F,
    /// Does so in a little less time.
    CortexM33F,
    /// Does so in software.
    Rv32imc,
}

/// What has to be computed for a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Multiply-accumulates.
    pub macs: usize,
    /// Weights that are updated, per sample: their number over that of the samples that share the update.
    pub updates: f64,
    /// Numbers that the optimiser keeps for each, at most 2.
    pub moments: usize,
}

impl Core {
    /// About how many cycles a sample of the network takes, if memory answers at once; exactly as many as were counted where
    /// everything is kept.
    pub fn cycles(self, network: &Network, effort: Effort) -> f64 {
        let Costs { mac, update } = match self {
            Self::CortexM4F => Costs::of_m4f(network),
            Self::CortexM33F => Costs::of_m4f(network).times(Costs::M33F),
            Self::Rv32imc => Costs::RV32IMC,
        };
        mac * effort.macs as f64 + update[effort.moments] * effort.updates
    }

    /// The same of a network that nobody has counted: for the networks that were, this is up to 16 % off, 10 % on average.
    pub fn usual_cycles(self, effort: Effort) -> f64 {
        let Costs { mac, update } = match self {
            Self::CortexM4F => Costs::USUAL_M4F,
            Self::CortexM33F => Costs::USUAL_M4F.times(Costs::M33F),
            Self::Rv32imc => Costs::RV32IMC,
        };
        mac * effort.macs as f64 + update[effort.moments] * effort.updates
    }

    /// What a prediction takes: as much as was counted, otherwise an estimate. `None` where there is neither: weights in bytes save
    /// much in one network and nothing in another.
    pub fn prediction(self, network: &Network, weights: Weights) -> Option<f64> {
        let estimate = || {
            let effort = Effort { macs: network.macs, updates: 0.0, moments: 0 };
            (weights == Weights::Floats).then(|| self.cycles(network, effort))
        };
        counted::prediction(self, network.name, weights).or_else(estimate)
    }
}

impl Board {
    /// About how many milliseconds a sample takes, if memory answers at once.
    pub fn millis(&self, network: &Network, effort: Effort) -> f64 {
        self.of_cycles(self.core.cycles(network, effort))
    }

    /// Milliseconds of as many cycles.
    pub fn of_cycles(&self, cycles: f64) -> f64 {
        cycles / (1e3 * self.mhz)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_has_the_same_boards() {
        assert_eq!(BOARDS.map(|board| (board.name, board.ram)), ram::COMPARED);
        assert!(BOARDS.is_sorted_by_key(|board| board.ram));
    }
}
