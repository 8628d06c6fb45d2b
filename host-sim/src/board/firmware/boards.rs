//! The boards whose firmware can be built with a compiler that is easy to install.

use clap::ValueEnum;

/// A board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Board {
    /// Cortex-M4F, 128 KiB of RAM
    Stm32f405,
    /// Cortex-M4F, 128 KiB of RAM, with its own debug probe
    NucleoF446re,
    /// Cortex-M4F, 256 KiB of RAM
    Nrf52840,
    /// RV32IMC, 400 KiB of RAM
    Esp32c3,
    /// RV32IMAC, 512 KiB of RAM
    Esp32c6,
    /// Raspberry Pi Pico 2: Cortex-M33F, 520 KiB of RAM
    Rp2350,
    /// Raspberry Pi Pico: Cortex-M0+, 264 KiB of RAM
    Rp2040,
    /// RV32IMC, in QEMU only
    RiscvVirt,
    /// Cortex-M33F, in QEMU only
    QemuM33,
    /// Cortex-M7F, in QEMU only
    QemuM7,
    /// Cortex-M0+, in QEMU only
    QemuM0,
}

impl Board {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Stm32f405,
        Self::NucleoF446re,
        Self::Nrf52840,
        Self::Esp32c3,
        Self::Esp32c6,
        Self::Rp2350,
        Self::Rp2040,
        Self::RiscvVirt,
        Self::QemuM33,
        Self::QemuM7,
        Self::QemuM0,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stm32f405 => "stm32f405",
            Self::NucleoF446re => "nucleo-f446re",
            Self::Nrf52840 => "nrf52840",
            Self::Esp32c3 => "esp32c3",
            Self::Esp32c6 => "esp32c6",
            Self::Rp2350 => "rp2350",
            Self::Rp2040 => "rp2040",
            Self::RiscvVirt => "riscv-virt",
            Self::QemuM33 => "qemu-m33",
            Self::QemuM7 => "qemu-m7",
            Self::QemuM0 => "qemu-m0",
        }
    }

    /// The folder of its crate, which several boards may share that the target tells apart.
    pub fn folder(self) -> &'static str {
        match self {
            Self::QemuM33 | Self::QemuM7 | Self::QemuM0 => "qemu-mps2",
            _ => self.name(),
        }
    }

    /// The name of its crate's package.
    pub fn package(self) -> String {
        format!("trainlet-{}", self.folder())
    }

    /// The compiler's name for its processor.
    pub fn triple(self) -> &'static str {
        match self {
            Self::Stm32f405 | Self::NucleoF446re | Self::Nrf52840 | Self::QemuM7 => "thumbv7em-none-eabihf",
            Self::Rp2350 | Self::QemuM33 => "thumbv8m.main-none-eabihf",
            Self::Rp2040 | Self::QemuM0 => "thumbv6m-none-eabi",
            Self::Esp32c3 | Self::RiscvVirt => "riscv32imc-unknown-none-elf",
            Self::Esp32c6 => "riscv32imac-unknown-none-elf",
        }
    }

    /// What its firmware takes from the standard library, where that has to be compiled too.
    pub(super) fn core(self) -> &'static str {
        match self {
            Self::Esp32c3 | Self::Esp32c6 => "core,alloc",
            _ => "core",
        }
    }

    /// The feature that leaves out what QEMU does not have.
    pub(super) fn qemu(self) -> &'static str {
        if self == Self::Stm32f405 { "qemu" } else { "" }
    }
}
