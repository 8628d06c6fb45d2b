//! host-sim with these networks, and with the two of its own for such rows.

use std::process::ExitCode;

use tables::*;
use trainlet::networks::{Flow16x2, FlowPieces};

fn main() -> ExitCode {
    host_sim::main(host_sim::networks![
        Mlp,
        Pieces8,
        FlowPieces,
        Flow16x2,
        Mixer,
        PiecesMixer,
        ConvNext,
        ResNext,
        Alter,
        Lambda,
        Inception,
        MixerColumns,
        ConvNextColumns,
        ResNextColumns,
        AlterColumns,
        LambdaColumns,
        InceptionColumns
    ])
}
