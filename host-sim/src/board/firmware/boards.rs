//! The boards whose firmware can be built with a compiler that is easy to install.

use clap::ValueEnum;

/// A board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Board {
    /// Cortex-M4F, 128 KiB of RAM
    Stm32f405,
    /// Cortex-M4F, 256 KiB of RAM
    Nrf52840,
    /// RV32IMC, 400 KiB of RAM
    Esp32c3,
    /// RV32IMC, in QEMU only
    RiscvVirt,
}

impl Board {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Stm32f405, Self::Nrf52840, Self::Esp32c3, Self::RiscvVirt];

    /// Its name, and that of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stm32f405 => "stm32f405",
            Self::Nrf52840 => "nrf52840",
            Self::Esp32c3 => "esp32c3",
            Self::RiscvVirt => "riscv-virt",
        }
    }

    /// The compiler's name for its processor.
    pub fn triple(self) -> &'static str {
        match self {
            Self::Stm32f405 | Self::Nrf52840 => "thumbv7em-none-eabihf",
            Self::Esp32c3 | Self::RiscvVirt => "riscv32imc-unknown-none-elf",
        }
    }

    /// What its firmware takes from the standard library, where that has to be compiled too.
    pub(super) fn core(self) -> &'static str {
        if self == Self::Esp32c3 { "core,alloc" } else { "core" }
    }

    /// The feature that leaves out what QEMU does not have.
    pub(super) fn qemu(self) -> &'static str {
        if self == Self::Stm32f405 { "qemu" } else { "" }
    }
}
