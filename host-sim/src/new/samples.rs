//! A share of the data as constants, for a program that has nothing but flash.

use trainlet::core::rng::{Key, Purpose};
use trainlet::data::Shuffle;

use super::Project;
use super::rows::rows;
use crate::data::Dataset;
use crate::export::{Style, nested, rust};

/// Bytes of flash that all samples take at most.
const BYTES: usize = 96 << 10;
/// Samples at most.
const MOST: usize = 512;
/// One sample in `TESTED` is for the test.
const TESTED: usize = 4;

/// The module.
pub fn module(project: &Project) -> Result<String, crate::data::Error> {
    let Project { train, test, probed, .. } = project;
    let label = train.target.task().label_len();
    let each = size_of::<f32>() * (train.width + label);
    let count = MOST.min(BYTES / each).max(2);
    let (train_numbers, test_set, test_numbers) = match test {
        Some(test) => (some(train, count - count / TESTED), *test, some(test, count / TESTED)),
        None => {
            let mut numbers = some(train, count);
            let tested = numbers.split_off(numbers.len() - (numbers.len() / TESTED).min(numbers.len() - 1));
            (numbers, *train, tested)
        }
    };
    let of = |name: &str, about: &str, set: &Dataset, numbers: &[usize]| {
        let mut text = format!(
            "/// {about}\n#[rustfmt::skip]\n#[allow(clippy::approx_constant, clippy::excessive_precision)]\n\
             pub static {name}: [Sample; {}] = [\n",
            numbers.len()
        );
        let style = Style { brackets: ['[', ']'], number: rust, depth: 1 };
        for &number in numbers {
            let input = nested(set.row(number), &probed.input, style);
            let label: Vec<_> = set.label(number).iter().map(|value| rust(*value)).collect();
            text += &format!("    ({input}, [{}]),\n", label.join(", "));
        }
        text + "];\n\n"
    };
    Ok(format!(
        "//! A share of the training data, as it was when the project was written.\n\nuse crate::inputs::{{Input, Row}};\n\n\
         /// The number of a class, or standardised values.\npub type Label = [f32; {label}];\n\
         /// The inputs of a sample, prepared, and its label.\npub type Sample = (Input, Label);\n\n"
    ) + &of("TRAIN", "To learn from.", train, &train_numbers)
        + &of("TEST", "Never learned from.", test_set, &test_numbers)
        + &rows(project)?)
}

/// Some of the samples, in no order.
fn some(set: &Dataset, count: usize) -> Vec<usize> {
    let shuffle = Shuffle::new(Key::new(0, Purpose::Order), set.len() as u32);
    (0..set.len().min(count)).map(|place| shuffle.index(place as u32) as usize).collect()
}
