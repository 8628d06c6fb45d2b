//! Trials of the training, one after the other.
#![no_std]
#![no_main]

trainlet_riscv_virt::program!(trainlet_trials::Memory, trainlet_trials::run);
