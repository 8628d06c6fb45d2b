//! Trials of the training, one after the other.
#![no_std]
#![no_main]

trainlet_stm32f405::program!(trainlet_trials::Memory, trainlet_trials::run);
