//! What a window comes to.

use std::collections::BTreeMap;

use super::Error;
use super::code::Code;
use super::instruction::Instruction;
use super::price;
use super::profile::Window;

/// Instructions and cycles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Executed, exactly. What a condition leaves out counts as well.
    pub instructions: u64,
    /// That they take, as an estimate.
    pub cycles: u64,
}

/// A window and what happened in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// As the program announced it.
    pub name: String,
    /// Of what it says how many there were: multiply-accumulates, elements, parameters, samples.
    pub count: u64,
    /// All of it.
    pub cost: Cost,
    /// By function, the costliest first.
    pub functions: Vec<(String, Cost)>,
}

/// An instruction and how often it was executed.
struct Visited {
    instruction: Instruction,
    count: u64,
    /// How often another than the next followed.
    taken: u64,
}

/// Adds up a window.
pub fn measure(window: &Window, code: &Code) -> Result<Measured, Error> {
    let visited = visited(window, code)?;
    let mut functions = BTreeMap::<_, Cost>::new();
    let mut previous = None;
    for (address, visit) in &visited {
        let before = previous.filter(|(end, _)| end == address).map(|(_, before)| before);
        let cost = functions.entry(code.function(*address)).or_default();
        cost.instructions += visit.count;
        cost.cycles += cycles(visit, before);
        previous = Some((address + visit.instruction.bytes, visit));
    }
    let cost = functions.values().fold(Cost::default(), |sum, cost| Cost {
        instructions: sum.instructions + cost.instructions,
        cycles: sum.cycles + cost.cycles,
    });
    let named = functions.iter().map(|(name, cost)| (format!("{:#}", rustc_demangle::demangle(name)), *cost));
    let mut functions: Vec<_> = named.collect();
    functions.sort_by_key(|(_, cost)| std::cmp::Reverse(cost.cycles));
    Ok(Measured { name: window.name.clone(), count: window.count, cost, functions })
}

/// By address.
fn visited(window: &Window, code: &Code) -> Result<BTreeMap<u32, Visited>, Error> {
    let mut visited = BTreeMap::<_, Visited>::new();
    for block in &window.blocks {
        let mut address = block.first;
        while address <= block.last {
            let instruction = code.instruction(address)?;
            let visit = visited.entry(address).or_insert(Visited { instruction, count: 0, taken: 0 });
            visit.count += block.count;
            if address == block.last {
                visit.taken += block.taken(instruction.bytes);
            }
            address += instruction.bytes;
        }
    }
    Ok(visited)
}

/// Of all executions of an instruction together, with the one before it in memory.
fn cycles(visit: &Visited, before: Option<&Visited>) -> u64 {
    let cycles = price::all(&visit.instruction, visit.count, visit.taken);
    let Some(before) = before else { return cycles };
    let behind = visit.count.min(before.count - before.taken);
    match price::behind(&before.instruction, &visit.instruction) {
        change @ 0.. => cycles + change.unsigned_abs() * behind,
        change => cycles - change.unsigned_abs() * behind,
    }
}
