//! The processors whose programs are measured.

use clap::ValueEnum;
use serde::Serialize;

use super::decode::{self, Decoder};
use super::price::Price;
use super::{cortex_m4, cortex_m33};
use crate::board::emulator::Machine;

/// A processor that QEMU has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Processor {
    /// Cycles, as an estimate
    CortexM4f,
    /// Cycles, as an estimate
    CortexM33f,
    /// Instructions
    Rv32imc,
}

impl Processor {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::CortexM4f, Self::CortexM33f, Self::Rv32imc];

    /// The emulator that it runs in.
    pub fn machine(self) -> Machine {
        match self {
            Self::CortexM4f => Machine::Stm32f405,
            Self::CortexM33f => Machine::QemuM33,
            Self::Rv32imc => Machine::RiscvVirt,
        }
    }

    pub(super) fn decoder(self) -> Decoder {
        match self {
            Self::CortexM4f | Self::CortexM33f => decode::thumb,
            Self::Rv32imc => decode::riscv,
        }
    }

    pub(super) fn price(self) -> Price {
        match self {
            Self::CortexM4f => cortex_m4::PRICE,
            Self::CortexM33f => cortex_m33::PRICE,
            Self::Rv32imc => Price::INSTRUCTIONS,
        }
    }
}
