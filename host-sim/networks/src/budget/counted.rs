//! Cycles and instructions that emulated boards were seen to take: whatever the program says of time comes from here or is counted.
//!
//! `host-sim study compare --measure` counts [`SAMPLES`], `host-sim study modes --mode recompute-sgd recompute-momentum keep-adam` the
//! rest, with `--qemu riscv-virt` for RV32IMC. Tests count some of them again.

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
