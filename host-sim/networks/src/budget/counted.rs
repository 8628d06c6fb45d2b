//! Cycles and instructions that emulated boards were seen to take: whatever the program says of time comes from here or is counted.
//!
//! `host-sim study compare --measure` counts [`SAMPLES`], `host-sim study modes --mode recompute-sgd recompute-momentum keep-adam` the
//! rest, with `--qemu riscv-virt` for RV32IMC. Tests count some of them again.

use super::boards::Core;
use crate::Network;

/// Cycles of a Cortex-M4F for a sample, forward and backward with everything kept.
pub(super) const SAMPLES: [(&str, f64); 15] = [
    ("watch-12x1", 237_268.0),
    ("watch-16x2", 566_293.0),
    ("watch-24x4r", 1_656_508.0),
    ("watch-convnext", 509_676.0),
    ("watch-separable", 610_363.0),
    ("watch-resnet", 512_692.0),
    ("watch-resnext", 600_549.0),
    ("watch-pyramid", 461_461.0),
    ("watch-lambda", 727_668.0),
    ("watch-inception", 468_127.0),
    ("watch-mlp", 45_082.0),
    ("alter-4", 714_363.0),
    ("flow-16x2", 494_028.0),
    ("flow-7x6", 307_392.0),
    ("mlp-42-64-32-1", 56_590.0),
];

/// What the processors take for a prediction from weights in `f32`, and from weights in bytes, by `host-sim bench`.
const PREDICTIONS: [(&str, Counted, Counted); 5] = [
    ("watch-12x1", Counted(82_146.0, 77_767.0, 988_416.0), Counted(81_783.0, 73_843.0, 791_990.0)),
    ("watch-16x2", Counted(196_307.0, 186_971.0, 2_334_453.0), Counted(191_234.0, 172_952.0, 1_772_121.0)),
    ("flow-16x2", Counted(169_703.0, 160_744.0, 1_971_173.0), Counted(169_329.0, 152_355.0, 1_513_864.0)),
    ("flow-7x6", Counted(102_499.0, 95_741.0, 1_129_222.0), Counted(107_699.0, 95_780.0, 914_812.0)),
    ("mlp-42-64-32-1", Counted(19_886.0, 18_324.0, 307_940.0), Counted(13_687.0, 12_194.0, 64_442.0)),
];

/// Cycles of a Cortex-M4F and of a Cortex-M33F, and instructions of an RV32IMC.
#[derive(Clone, Copy)]
struct Counted(f64, f64, f64);

/// What the weights of a prediction are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// As they were trained.
    Floats,
    /// [`trainlet::quant`]
    Bytes,
}

/// What a prediction takes; `None` if nobody has counted it.
pub(super) fn prediction(core: Core, network: &str, weights: Weights) -> Option<f64> {
    let (_, floats, bytes) = PREDICTIONS.into_iter().find(|(name, ..)| *name == network)?;
    let Counted(m4f, m33f, rv32imc) = match weights {
        Weights::Floats => floats,
        Weights::Bytes => bytes,
    };
    Some(match core {
        Core::CortexM4F => m4f,
        Core::CortexM33F => m33f,
        Core::Rv32imc => rv32imc,
    })
}

/// What a processor takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// For each multiply-accumulate of a sample, with all that comes with it.
    pub mac: f64,
    /// For each weight of an update whose optimiser keeps no number, one or two of them.
    pub update: [f64; 3],
}

impl Costs {
    /// Of a Cortex-M4F, in cycles. A network that nobody has counted takes as many as the others do on average.
    pub fn of_m4f(network: &Network) -> Self {
        let of = |(name, cycles): &(&str, f64)| (*name == network.name).then_some(cycles / network.train_macs as f64);
        let usual = Self::USUAL_M4F;
        Self { mac: SAMPLES.iter().find_map(of).unwrap_or(usual.mac), ..usual }
    }

    /// Of a Cortex-M4F, in cycles, on average over the networks.
    pub const USUAL_M4F: Self = Self { mac: 5.1, update: [21.6, 27.5, 48.6] };

    /// What a Cortex-M33F takes of it: samples 0.90 to 0.95, updates 0.94, by `host-sim bench`.
    pub const M33F: f64 = 0.94;

    /// This share of all.
    pub fn times(self, share: f64) -> Self {
        Self { mac: share * self.mac, update: self.update.map(|cost| share * cost) }
    }

    /// Of an RV32IMC without a floating-point unit, in instructions, which nobody has the cycles of.
    pub const RV32IMC: Self = Self { mac: 57.8, update: [252.0, 335.0, 700.0] };
}
