//! The `host-sim` command with the networks that trainlet has built in.

use std::process::ExitCode;

fn main() -> ExitCode {
    host_sim::main(host_sim::networks::builtin())
}
