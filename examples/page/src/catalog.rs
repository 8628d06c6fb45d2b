//! What there is to choose from.

use serde::Serialize;
use trainlet::core::budget::Budget;
use trainlet_app::board::ram;
use trainlet_app::watch::EXERCISES;

use crate::ways::{self, CLASSES, COLUMNS, STACK, Way};

/// Everything.
#[derive(Serialize)]
pub struct Catalog {
    ways: Vec<Listed>,
    boards: Vec<Board>,
    exercises: &'static [&'static str],
    /// Bytes of stack that a trainer needs.
    stack: usize,
    /// Largest number of columns of a table.
    columns: usize,
    /// Largest number of classes of a table.
    classes: usize,
}

#[derive(Serialize)]
struct Listed {
    network: &'static str,
    about: &'static str,
    parameters: usize,
    mode: &'static str,
    budget: Budget,
}

/// Bytes of RAM for the variables and the stack of a program.
#[derive(Clone, Copy, Serialize)]
struct Board {
    name: &'static str,
    ram: usize,
}

/// Everything.
pub fn catalog() -> Catalog {
    let listed =
        |Way { network, about, parameters, mode, budget, .. }: Way| Listed { network, about, parameters, mode, budget };
    Catalog {
        ways: ways::all().into_iter().map(listed).collect(),
        boards: ram::COMPARED.map(|(name, ram)| Board { name, ram }).to_vec(),
        exercises: &EXERCISES,
        stack: STACK,
        columns: COLUMNS,
        classes: CLASSES,
    }
}
