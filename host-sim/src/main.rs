//! The `host-sim` command.

fn main() {}
