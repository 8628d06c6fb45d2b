//! Writes the seeds: whole files and conversations, and bytes that structures are drawn from. `cargo run --example seeds`

use std::fs;
use std::path::Path;

use trainlet::core::rng::{Key, Purpose};
use trainlet::link::frame::{Frame, encode};
use trainlet::link::message::{Answer, Readable, Request, Settings, Status, Writable};
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::LossOptions;
use trainlet::optim::{AdamConfig, Schedule};
use trainlet_data::preprocessing::Preparation;
use trainlet_desktop::tree::Weights;
use trainlet_desktop::weights::{Manifest, to_bytes};
use trainlet_fuzz::weights::network;

fn main() {
    for (target, seeds) in [("link_frames", link()), ("node", node()), ("table", table()), ("safetensors", weights())] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
        fs::create_dir_all(&folder).expect("a folder");
        for (name, bytes) in seeds {
            fs::write(folder.join(name), bytes).expect("a file");
        }
    }
}

type Seeds = Vec<(&'static str, Vec<u8>)>;

/// Bytes for a structure, behind their mode.
fn drawn(mode: u8, seed: u64, length: usize) -> Vec<u8> {
    let mut stream = Key::new(seed, Purpose::Order).stream();
    std::iter::once(mode).chain((0..length).map(|_| (stream.bits() >> 24) as u8)).collect()
}

/// A file, behind its mode.
fn whole(mode: u8, bytes: &[u8]) -> Vec<u8> {
    [&[mode], bytes].concat()
}

fn link() -> Seeds {
    let frame =
        |sequence, message| encode(&Frame { session: 7, sequence, message }, &mut [0; 200]).expect("it fits").to_vec();
    let answers = [
        frame(1, Answer::Done),
        frame(2, Answer::Status(Status::default())),
        frame(3, Answer::Done),
        frame(4, Answer::Done),
        frame(5, Answer::Values(&[0x3e; 12])),
        frame(6, Answer::Values(&[0x3e; 128])),
    ];
    vec![("answers", whole(0, &answers.concat())), ("drawn-1", drawn(1, 1, 300)), ("drawn-2", drawn(1, 2, 900))]
}

fn node() -> Seeds {
    let settings = Settings {
        seed: 1,
        loss: LossOptions { label_smoothing: None, pos_weight: None },
        adam: AdamConfig::adam(),
        schedule: Schedule::constant(1e-2),
        clip: Some(1.0),
        dropout: Dropout { p: 0.1 },
        stochastic_depth: StochasticDepth { p: 0.1 },
    };
    let requests = [
        Request::Start { run: 1, settings },
        Request::Write { what: Writable::Deviation, offset: 0, bytes: &[0x3e; 16] },
        Request::Write { what: Writable::Sample, offset: 0, bytes: &[0x3e; 16] },
        Request::Evaluate { label: &1_f32.to_le_bytes() },
        Request::Accumulate { label: &1_f32.to_le_bytes(), weight: 1.0 },
        Request::Step,
        Request::Predict { offset: 0, count: 3 },
        Request::Read { what: Readable::Weights, offset: 0, count: 8 },
        Request::Write { what: Writable::Weights, offset: 0, bytes: &[0x3d; 64] },
        Request::Commit { crc32: 5 },
        Request::Checksum,
        Request::Status,
        Request::Budget,
    ];
    let conversation: Vec<u8> = requests
        .iter()
        .flat_map(|request| {
            let content = postcard::to_stdvec(request).expect("it fits");
            [&[content.len() as u8][..], &content].concat()
        })
        .collect();
    vec![
        ("classes", whole(0, &conversation)),
        ("chance", whole(2, &conversation)),
        ("drawn-1", drawn(1, 3, 400)),
        ("drawn-2", drawn(3, 4, 1500)),
    ]
}

fn table() -> Seeds {
    let plain = "c0,c1,label\n1,a,x\n2.5,b,y\n-3,a,x\n1e9,c,y\n";
    let odd = "c0;c1;label\r\n1,5;01/02/2024;ja\r\n2,5;13/02/2024;nein\r\n;14/02/2024;ja\r\n";
    let quoted = "c0\tc1\tlabel\n\"1\"\t\"a\tb\"\t01\n2\t\"x\"\"y\"\t1\nNA\t?\t1.0\n";
    vec![
        ("plain", whole(0, plain.as_bytes())),
        ("decimal-commas-and-dates", whole(2, odd.as_bytes())),
        ("quoted", whole(4 + 8, quoted.as_bytes())),
        ("drawn-1", drawn(1, 5, 200)),
        ("drawn-2", drawn(1 + 2 + 8, 6, 400)),
        ("drawn-3", drawn(1 + 64, 7, 300)),
    ]
}

fn weights() -> Seeds {
    let zeros = Weights::zero(network().leaves().clone());
    let manifest = Manifest::new(network().name, Preparation::Watch { mean: [0.0; 6], std: [1.0; 6] });
    let file = to_bytes(&zeros, Some(&manifest)).expect("it can be written");
    let empty = [&2_u64.to_le_bytes()[..], b"{}"].concat();
    vec![
        ("whole", whole(0, &file)),
        ("empty", whole(0, &empty)),
        ("drawn-1", drawn(1, 8, 200)),
        ("drawn-2", drawn(1, 9, 600)),
    ]
}
