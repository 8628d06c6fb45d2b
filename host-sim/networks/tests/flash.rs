//! What the budget says of flash is what saves write.

#[path = "../../../tests/flash/mod.rs"]
mod flash;

use trainlet::core::rng::{Key, Purpose};
use trainlet::networks::{Family, Flow7x6, Watch12x1};
use trainlet::store::Store;
use trainlet_app::board::Slots;
use trainlet_desktop::budget::{Selection, flash::USUALLY};
use trainlet_trials::{Kind, Trial, VisitTrial, Zeroed, visit};

const SLOTS: Slots = Slots::NRF52840;

/// A flash like that of a board, and what the trainers of all modes write into it.
struct Written(Vec<(&'static str, u32)>);

impl VisitTrial for Written {
    fn visit<T: Trial>(&mut self) {
        use trainlet::train::Learner as _;
        let mut learner = Box::new(T::Learner::ZERO);
        T::start(&mut learner, 100, true).unwrap();
        let (slot, blocks) = (SLOTS.slot, SLOTS.count * SLOTS.slot / 4096);
        let flash = flash::Flash::<4, 4096>::new(blocks as usize, Key::new(3, Purpose::Order).stream());
        let mut store = Store::new(flash, 0..SLOTS.count * slot, SLOTS.count).unwrap();
        let bytes = store.save(&mut |archive| learner.persist(archive)).unwrap();
        let written = store.into_flash().bytes.iter().rposition(|byte| *byte != 0xff).unwrap() as u32 + 1;
        assert!(written <= bytes && written + 4 > bytes, "{}: {written} of {bytes}", T::NAME);
        self.0.push((T::NAME, bytes));
    }
}

fn check<F: Family>() {
    let mut written = Written(Vec::new());
    visit::<F>(Kind::Mode, &mut written);
    let selection = Selection {
        networks: vec![F::NAME.into()],
        modes: Vec::new(),
        boards: vec!["nrf52840".into()],
        optimizer: None,
        save_every: USUALLY,
        fits: None,
    };
    let said: Vec<_> = selection.rows().iter().filter_map(|row| Some((row.mode, row.on[0].flash?.written))).collect();
    assert_eq!(said, written.0, "{}", F::NAME);
    assert!(said.len() > 10);
}

#[test]
fn saves_write_what_the_budget_says() {
    check::<Watch12x1>();
    check::<Flow7x6>();
}
