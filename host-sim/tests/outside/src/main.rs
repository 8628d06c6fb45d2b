//! host-sim with these networks.

use std::process::ExitCode;

fn main() -> ExitCode {
    host_sim::main(host_sim::networks![
        outside::Gesture,
        outside::Steps,
        outside::Tilt,
        outside::Waves,
        outside::Moments
    ])
}
