//! What prepares samples, and what counts results.

use core::hint::black_box;

use trainlet::core::rng::{Key, Purpose};
use trainlet::data::{
    Augmentation, Categories, Edges, Quantiles, Replay, ScalerFit, Shuffle, SlidingWindow, StreamScaler, TransformFit,
    augmentation_key, in_units, quantiles, signed_log1p,
};
use trainlet::metrics::{Auc, Metrics, PSquare, PageHinkley, Votes};

use crate::Memory;
use crate::keeping::keep;

pub fn all(memory: &Memory) {
    let mut row: [f32; 5] = *memory.value();
    let fit = memory.value::<ScalerFit<5>>();
    fit.push(&row);
    fit.finish().apply(&mut row);
    let fit = memory.value::<TransformFit<5>>();
    fit.push(&row);
    fit.finish().apply(&mut row);
    memory.value::<Quantiles<5, 9>>().apply(&mut row);
    let sorted = *memory.value::<&[f32]>();
    black_box(Edges::<9>::of_sorted(sorted));
    quantiles(sorted, &mut row);
    black_box(row.map(signed_log1p));
    categories(memory);
    let shuffle = Shuffle::new(Key::new(*memory.value(), Purpose::Order), *memory.value());
    black_box(shuffle.index(*memory.value()));
    let replay = memory.value::<Replay<[i8; 6], 9, 4>>();
    *replay = replay.limited_to(*memory.value());
    black_box(replay.offer(*memory.value(), *memory.value(), *memory.value()));
    black_box((replay.get(*memory.value()), replay.iter().map(|(_, class)| class).max()));
    augmentation(memory);
    stream(memory);
    results(memory);
}

/// With slices of any lengths.
fn augmentation(memory: &Memory) {
    let window = core::mem::take(memory.value::<&mut [f32]>());
    let column = core::mem::take(memory.value::<&mut [f32]>());
    let (mean, std) = (*memory.value(), *memory.value());
    let key = augmentation_key(*memory.value(), *memory.value(), *memory.value());
    memory.value::<Augmentation>().apply(window, mean, std, column, key);
}

fn categories(memory: &Memory) {
    let categories = memory.value::<Categories<8>>();
    let value = *memory.value::<&[u8]>();
    black_box(categories.push_many(value, *memory.value()).is_ok());
    black_box((categories.encode(value), categories.code(value)));
}

/// What comes frame by frame.
fn stream(memory: &Memory) {
    let window = memory.value::<SlidingWindow<[i16; 5], 7, 3>>();
    black_box(window.push(*memory.value()));
    window.lose(*memory.value());
    let scaler = memory.value::<StreamScaler<5>>();
    for frame in window.frames() {
        scaler.push(&in_units(frame, memory.value()));
    }
    black_box(scaler.scaler());
    scaler.freeze();
    let (quantile, drift) = (memory.value::<PSquare>(), memory.value::<PageHinkley>());
    quantile.push(*memory.value());
    black_box((quantile.value(), drift.push(*memory.value())));
    keep(memory, &mut |archive| {
        scaler.persist(archive);
        quantile.persist(archive);
        drift.persist(archive);
    });
}

fn results(memory: &Memory) {
    let (metrics, auc) = (memory.value::<Metrics<3>>(), memory.value::<Auc<64>>());
    metrics.push(*memory.value(), *memory.value(), *memory.value());
    black_box((metrics.loss(), metrics.accuracy(), metrics.f1_score(), metrics.precision(*memory.value())));
    auc.push(*memory.value(), *memory.value());
    black_box((auc.value(), auc.error_bound()));
    let replay = memory.value::<Replay<[u8; 6], 9, 4>>();
    let votes = memory.value::<Votes<3, 5>>();
    black_box(votes.push(memory.value()));
    votes.clear();
    keep(memory, &mut |archive| {
        metrics.persist(archive);
        auc.persist(archive);
        replay.persist(archive, |sample, archive| archive.bytes(sample));
    });
}
