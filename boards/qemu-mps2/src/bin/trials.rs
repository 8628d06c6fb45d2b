//! Trials of the training, one after the other.
#![no_std]
#![no_main]

trainlet_qemu_mps2::program!(trainlet_trials::Memory, trainlet_trials::run);
