//! What compilers make of the programs.
//!
//! - `every_board_builds`: the first compiler that is there builds all programs, a second one those of a board for each kind of
//!   processor. They stay within their sizes; `.bss` is what the programs say, nothing can panic, and without an FPU the library's
//!   own operations on `f32` are called.
//! - `boards_with_a_debug_probe_build_with_defmt`: reports can go through a probe.

use host_sim::board::firmware::{self, Activations, Board, Builder, Built, Compiler, Image, Target, Variant};
use host_sim::networks;

use crate::needs::say;
use crate::{check_image, compiler, floats, watch};

#[test]
fn boards_with_a_debug_probe_build_with_defmt() {
    // One with a serial line, one without.
    for board in [Board::Stm32f405, Board::Rp2350].into_iter().filter(|board| compiler(*board)) {
        let builder = Builder::new(board).unwrap();
        let mut programs = vec![builder.standalone(Target::Probe, Activations::Keep).unwrap()];
        let is_pico = board == Board::Rp2350;
        if !is_pico {
            programs.push(builder.node(Target::Probe, networks::DEFAULT, None, Variant::default()).unwrap());
        }
        // On the Picos also what runs from RAM while their flash is written.
        let most = if is_pico { 100 + 80 } else { 100 };
        for elf in programs {
            let image = Image::read(&elf).unwrap();
            assert!(image.symbols().unwrap().iter().any(|symbol| symbol == "_SEGGER_RTT"), "reports go by RTT");
            assert!(image.sizes().unwrap().data < most, "{}", board.name());
        }
    }
}

/// The most bytes of code that trains, without what keeps a run in flash: for speed, and as short as possible.
const FAST: u64 = 44 << 10;
const SHORT: u64 = 24 << 10;

/// Which boards a second compiler builds as well: one for each kind of processor, with as little of others' code as there is.
const FOR_OTHERS: [Board; 4] = [Board::Stm32f405, Board::QemuM0, Board::QemuM33, Board::RiscvVirt];

#[test]
fn every_board_builds() {
    for board in Board::ALL.into_iter().filter(|board| compiler(*board)) {
        let compilers = Compiler::for_board(board);
        let count = if FOR_OTHERS.contains(&board) { compilers.len() } else { 1 };
        for compiler in compilers.into_iter().take(count) {
            let programs = firmware::sizes(&[board], watch(), Some(compiler)).unwrap();
            say(&format!("{}:\n{}", compiler.name(), host_sim::report::sizes(&programs)));
            let more = if board == Board::Stm32f405 { 2 } else { 0 };
            assert_eq!(programs.len(), 2 + more);
            if board.triple().starts_with("riscv32") {
                let standalone = Builder::with(board, compiler).standalone(Target::Hardware, Activations::Keep);
                floats::are_the_librarys(&Image::read(&standalone.unwrap()).unwrap());
            }
            for program in programs {
                check_size(compiler, &program);
            }
        }
    }
}

fn check_size(compiler: Compiler, program: &Built) {
    let name = format!("{program:?}, compiled by {}", compiler.name());
    let sizes = program.sizes;
    if program.program == firmware::SMALL {
        assert!(program.training <= SHORT, "{name}");
        let elf = Builder::with(Board::Stm32f405, compiler).small().unwrap();
        return check_image(&elf, sizes.bss as usize);
    }
    if program.program == firmware::WITHOUT_STORE {
        assert!(program.training <= FAST, "{name}");
    }
    assert!(sizes.text > 40_000 && sizes.text < 160_000, "{name}");
    assert!(sizes.bss > 30_000 && sizes.bss < 34_000 && sizes.data < 1000, "{name}");
    assert_eq!(sizes.rodata > 182_742, program.program != "node", "{name}: the recordings are in flash");
}
