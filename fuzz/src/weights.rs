//! Files of weights: whatever a file holds, it is read or refused; what was written is read as it was; and a file that has lost a
//! bit is refused or says the same.

use arbitrary::{Arbitrary, Unstructured};
use trainlet_data::preprocessing::Preparation;
use trainlet_desktop::tree::Weights;
use trainlet_desktop::weights::{File, Manifest, to_bytes};
use trainlet_desktop::{self as networks, Network};

use crate::ask::Number;
use crate::scratch::with_file;

/// A file that is made of parts.
#[derive(Debug, Arbitrary)]
struct Drawn {
    weights: Vec<Number>,
    scales: Option<([Number; 6], [Number; 6])>,
    /// A place and what becomes of it.
    damage: Option<(u32, u8)>,
    /// A piece of the header that is replaced.
    replaced: Option<(u8, u8)>,
    cut: Option<u16>,
}

/// Pieces of headers.
const PIECES: [&str; 14] = [
    "\"F32\"",
    "\"F16\"",
    "\"shape\"",
    "\"dtype\"",
    "\"data_offsets\"",
    "\"trainlet\"",
    "\"__metadata__\"",
    "[0,",
    "0",
    "null",
    "\\\"format\\\":2",
    "\\\"crc32\\\":",
    "\"embed.weight\"",
    "NaN",
];

/// The network with the fewest weights of the list.
pub fn network() -> &'static Network {
    networks::find("watch-12x1").expect("it is in the list")
}

/// Plays an input.
pub fn run(data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else { return };
    if mode & 1 == 0 {
        drop(load(rest));
    } else if let Ok(drawn) = Unstructured::new(rest).arbitrary() {
        made(drawn);
    }
}

type Loaded = (Option<Manifest>, Vec<u32>);

/// What a file holds.
fn load(bytes: &[u8]) -> Option<Loaded> {
    with_file(bytes, |path| {
        let file = File::read(path).map_err(|error| assert!(!error.to_string().is_empty())).ok()?;
        let mut weights = Weights::zero(network().leaves().clone());
        file.load(network().name, &mut weights).map_err(|error| assert!(!error.to_string().is_empty())).ok()?;
        assert!(weights.values.iter().all(|value| value.is_finite()), "a weight is not finite");
        Some((file.manifest.clone(), weights.values.iter().map(|value| value.to_bits()).collect()))
    })
}

fn made(Drawn { weights: drawn, scales, damage, replaced, cut }: Drawn) {
    let mut weights = Weights::zero(network().leaves().clone());
    weights.values.iter_mut().zip(drawn).for_each(|(value, drawn)| *value = drawn.0);
    let possible = weights.values.iter().all(|value| value.abs() <= 1e19);
    let manifest = scales.map(|(mean, std)| {
        let preparation = Preparation::Watch { mean: mean.map(|n| n.0), std: std.map(|n| n.0) };
        Manifest::new(network().name, preparation)
    });
    let Ok(mut bytes) = to_bytes(&weights, manifest.as_ref()) else { return };
    let whole = load(&bytes);
    let kept = |(found, bits): &Loaded| {
        found.is_some() == manifest.is_some() && bits.iter().zip(&weights.values).all(|(a, b)| *a == b.to_bits())
    };
    match &whole {
        Some(whole) => assert!(kept(whole) && possible, "it was read otherwise than it was written"),
        None => assert!(!possible || manifest.is_some(), "good weights were refused"),
    }
    if let Some((place, bit)) = damage {
        let place = place as usize % bytes.len();
        bytes[place] ^= 1 << (bit % 8);
        if let (Some(damaged), Some(whole), true) = (load(&bytes), &whole, manifest.is_some()) {
            // Without a manifest nobody knows what the weights were.
            assert!(damaged.0.is_none() || damaged == *whole, "a bit at {place} changed the file silently");
        }
    }
    if let Some((which, by)) = replaced {
        let [from, to] = [which, by].map(|piece| PIECES[usize::from(piece) % PIECES.len()].as_bytes());
        if let Some(place) = bytes.windows(from.len()).position(|window| window == from) {
            bytes.splice(place..place + from.len(), to.iter().copied());
            if let Some(length) = bytes.first_chunk_mut() {
                let header = u64::from_le_bytes(*length).wrapping_add(to.len() as u64).wrapping_sub(from.len() as u64);
                *length = header.to_le_bytes();
            }
        }
        drop(load(&bytes));
    }
    if let Some(cut) = cut {
        bytes.truncate(bytes.len().saturating_sub(usize::from(cut)));
        drop(load(&bytes));
    }
}
