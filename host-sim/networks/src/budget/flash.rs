//! Flash: what a save of a network writes, and how long the flash of a board lasts.

use serde::Serialize;
use trainlet::store::bytes_written;
use trainlet_app::board::Slots;
use trainlet_app::lesson::SAVE_EVERY;

use super::boards::Board;

/// Steps from one save to the next, unless somebody says otherwise: those of the boards' programs.
pub const USUALLY: u32 = SAVE_EVERY;
/// Steps of a run: 25 epochs of the recordings, in batches of 32.
pub const RUN: u32 = 2225;
const DAYS_PER_YEAR: f64 = 365.25;
const MILLIS_PER_DAY: f64 = 86_400e3;

/// Where a board keeps checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Area {
    /// Name of the board.
    pub board: &'static str,
    /// How many checkpoints it has room for.
    pub slots: u32,
    /// Bytes of each.
    pub slot: u32,
    /// Bytes that are erased at a time.
    pub erase_size: u32,
    /// How many times each byte can be erased.
    pub endurance: u32,
    /// Saves until it is worn out.
    pub saves: u64,
    /// Years until then with a [run](RUN) a day, whose end is saved as well.
    pub years: f64,
}

/// What a save writes, and how often that goes well.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Wear {
    /// Bytes that are written, record and last word included.
    pub written: u32,
    /// Whether a slot has room for them.
    pub fits: bool,
    /// Years until the flash is worn out, if the board trains without a pause; infinite without saves.
    pub years: f64,
}

/// That of a board with a save every `save_every` steps; `None` if it keeps nothing.
pub fn area(board: &Board, save_every: u32) -> Option<Area> {
    let slots = board.slots;
    let Slots { slot, count, erase_size, endurance, .. } = slots;
    let saves_a_day = RUN.checked_div(save_every).unwrap_or(0) + 1;
    let years = slots.saves() as f64 / f64::from(saves_a_day) / DAYS_PER_YEAR;
    let saves = slots.saves();
    (count > 0).then_some(Area { board: board.name, slots: count, slot, erase_size, endurance, saves, years })
}

/// That of a checkpoint of `checkpoint` bytes, with a save every `save_every` steps that take `step_millis` each; `None` if the board
/// keeps nothing.
pub fn wear(board: &Board, checkpoint: u32, save_every: u32, step_millis: f64) -> Option<Wear> {
    let slots = board.slots;
    let written = bytes_written(checkpoint, slots.write_size);
    let days = slots.saves() as f64 * f64::from(save_every) * step_millis / MILLIS_PER_DAY;
    let years = if save_every == 0 { f64::INFINITY } else { days / DAYS_PER_YEAR };
    (slots.count > 0).then_some(Wear { written, fits: written <= slots.slot, years })
}

#[cfg(test)]
mod tests {
    use super::super::boards::BOARDS;
    use super::*;

    #[test]
    fn flash_lasts_as_long_as_its_saves() {
        let board = BOARDS[1];
        // 20,000 saves, five in each run: 4 in between and its end.
        let found = area(&board, 500).unwrap();
        assert_eq!((found.slots, found.slot, found.saves), (2, 128 << 10, 20_000));
        assert_eq!(found.years, 4000.0 / DAYS_PER_YEAR);
        assert_eq!(area(&board, 0).unwrap().years, 20_000.0 / DAYS_PER_YEAR, "the end alone");
        // 43.2 ms a step: a save in 21.6 s, 4,000 of them a day.
        let found = wear(&board, 1001, 500, 43.2).unwrap();
        assert_eq!((found.written, found.fits), (1004 + 32, true));
        assert!((found.years * DAYS_PER_YEAR - 5.0).abs() < 1e-9, "{found:?}");
        assert_eq!(wear(&board, 1001, 0, 43.2).unwrap().years, f64::INFINITY);
        let fits = |bytes| wear(&board, bytes, 500, 1.0).unwrap().fits;
        assert!(fits((128 << 10) - 32) && !fits((128 << 10) - 31));
        assert_eq!(area(&BOARDS[0], 500), None);
    }
}
