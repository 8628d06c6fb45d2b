//! Prints the header of the library. The sizes of the network are in it as numbers, which only its types tell.

use std::error::Error;

use cbindgen::{Builder, Config};
use trainlet_c::sizes::{TRAINLET_INPUTS, TRAINLET_OUTPUTS, TRAINLET_TARGETS, TRAINLET_WEIGHTS, TRAINLET_WORDS};
use trainlet_c::{Memory, Status, trainlet_defaults, trainlet_init, trainlet_save};

fn main() -> Result<(), Box<dyn Error>> {
    let root = env!("CARGO_MANIFEST_DIR");
    let config = Config::from_file(format!("{root}/cbindgen.toml"))?;
    let header = Builder::new().with_config(config).with_src(format!("{root}/src/lib.rs"));
    let header = header.with_after_include(sizes()?).generate()?;
    header.write(std::io::stdout());
    Ok(())
}

fn sizes() -> Result<String, String> {
    let sizes = [
        ("INPUTS", TRAINLET_INPUTS, "Numbers of a sample, in the order of the network's input."),
        ("OUTPUTS", TRAINLET_OUTPUTS, "Logits, one for each class, or values."),
        (
            "TARGETS",
            TRAINLET_TARGETS,
            "Numbers of a label: one, the number of a class, or as many as there are values.",
        ),
        ("WEIGHTS", TRAINLET_WEIGHTS, "Weights of the network."),
        ("SAVED", saved()?, "Bytes of a saved run, at most."),
        ("WORDS", TRAINLET_WORDS, "Memory of a trainer, in units of 8 bytes."),
    ];
    let define = |(name, size, about)| format!("/** {about} */\n#define TRAINLET_{name} {size}");
    Ok(format!("\n{}", sizes.map(define).join("\n\n")))
}

/// Of a run with every setting that takes bytes.
fn saved() -> Result<usize, String> {
    let settings = trainlet_c::Settings { warmup: 1, steps: 2, weight_decay: 0.1, ..trainlet_defaults() };
    let mut memory = vec![0_u64; TRAINLET_WORDS];
    let (trainer, mut buffer, mut length) = (memory.as_mut_ptr().cast::<Memory>(), vec![0; 16 * memory.len()], 0);
    // SAFETY: there is as much memory as is said.
    let done = unsafe {
        trainlet_init(trainer, &settings);
        trainlet_save(trainer, buffer.as_mut_ptr(), buffer.len(), &mut length)
    };
    if done == Status::Ok { Ok(length) } else { Err(format!("the run cannot be saved: {done:?}")) }
}
