//! What a window comes to.

use std::collections::BTreeMap;

use super::Error;
use super::code::Code;
use super::instruction::Instruction;
use super::price::Price;
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
pub fn measure(window: &Window, code: &Code, price: &Price) -> Result<Measured, Error> {
    let visited = visited(window, code)?;
    let mut functions = BTreeMap::<_, Cost>::new();
    let mut previous = None;
    for (address, visit) in &visited {
        let before = previous.filter(|(end, _)| end == address).map(|(_, before)| before);
        let cost = functions.entry(code.function(*address)).or_default();
        cost.instructions += visit.count;
        cost.cycles += cycles(visit, before, price);
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
fn cycles(visit: &Visited, before: Option<&Visited>, price: &Price) -> u64 {
    let cycles = price.all(&visit.instruction, visit.count, visit.taken);
    let Some(before) = before else { return cycles };
    let behind = visit.count.min(before.count - before.taken);
    match (price.behind)(&before.instruction, &visit.instruction) {
        change @ 0.. => cycles + change.unsigned_abs() * behind,
        change => cycles - change.unsigned_abs() * behind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::cycles::cortex_m4::PRICE;
    use crate::board::cycles::decode;
    use crate::board::cycles::profile::Block;

    /// Counts down from 3; its blocks as QEMU sees them, the first of which runs into the second.
    #[test]
    fn a_loop_is_added_up_by_hand() {
        // movs r0, #3; again: subs r0, #1; bne again; bx lr
        let code = Code::of_function("_RNvC5board4work", 0x400, &[0x2003, 0x3801, 0xd1fd, 0x4770]);
        let block = |first, last, count, after2| Block { first, last, count, after: [after2, 0] };
        let blocks = vec![block(0x400, 0x404, 1, 0), block(0x402, 0x404, 2, 1), block(0x406, 0x406, 1, 0)];
        let window = Window { name: "down".into(), count: 3, blocks };
        let measured = measure(&window, &code, &PRICE).unwrap();
        // movs once, subs and bne three times, of which two jump, and bx, which jumps.
        let cost = Cost { instructions: 1 + 3 + 3 + 1, cycles: 1 + 3 + (3 + 2 * 2) + (1 + 2) };
        let functions = vec![("board::work".into(), cost)];
        assert_eq!(measured, Measured { name: "down".into(), count: 3, cost, functions });
    }

    /// The same on a RISC-V, where an instruction counts as one and says by itself how long it is.
    #[test]
    fn instructions_alone_are_added_up() {
        // li a0, 3 in four bytes; again: addi a0, a0, -1; bnez a0, again; ret
        let halves = [0x0513, 0x0030, 0x157d, 0xfd7d, 0x8082];
        let code = Code::of_function("work", 0x400, &halves).with(decode::riscv);
        let block = |first, last, count| Block { first, last, count, after: [0, 0] };
        let blocks = vec![block(0x400, 0x406, 1), block(0x404, 0x406, 2), block(0x408, 0x408, 1)];
        let window = Window { name: "down".into(), count: 3, blocks };
        let cost = measure(&window, &code, &Price::INSTRUCTIONS).unwrap().cost;
        assert_eq!(cost, Cost { instructions: 1 + 3 + 3 + 1, cycles: 1 + 3 + 3 + 1 });
    }

    #[test]
    fn neighbours_matter_where_one_follows_the_other() {
        // ldr r1, [r0]; bne behind it; ldr r2, [r0]; ldr r3, [r0]
        let code = Code::of_function("f", 0, &[0x6801, 0xd100, 0x6802, 0x6803]);
        let run = |blocks| measure(&Window { name: "w".into(), count: 1, blocks }, &code, &PRICE).unwrap().cost.cycles;
        let together = Block { first: 4, last: 6, count: 5, after: [0, 0] };
        // Five loads at 2 cycles, five behind them at 1, and the jump at the end of each round.
        assert_eq!(run(vec![together]), 5 * (2 + 1 + 2));
        // Of the second load's seven executions two come from elsewhere.
        let alone = Block { first: 6, last: 6, count: 2, after: [0, 0] };
        assert_eq!(run(vec![together, alone]), 5 * (2 + 1 + 2) + 2 * (2 + 2));
    }

    #[test]
    fn an_address_without_code_is_named() {
        let code = Code::of_function("f", 0x400, &[0x4770]);
        let block = Block { first: 0x402, last: 0x402, count: 1, after: [0, 0] };
        let error = measure(&Window { name: "w".into(), count: 1, blocks: vec![block] }, &code, &PRICE).unwrap_err();
        assert_eq!(error.to_string(), "test: has executed 0x402, where no code is");
    }
}
