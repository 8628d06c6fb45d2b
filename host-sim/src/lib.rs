//! trainlet on a desktop.

pub mod data;
