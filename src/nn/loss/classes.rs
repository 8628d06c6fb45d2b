//! What outputs say about classes: a single output is the logit of class 1 of two, several are logits of a softmax.

/// The class that a number stands for; `None` of what is no whole number from 0.
pub fn number(number: f32) -> Option<usize> {
    let class = number as usize;
    (class as f32 == number).then_some(class)
}

/// The class that the outputs speak for, the first of those with the largest.
pub fn class(outputs: &[f32]) -> usize {
    if let [z] = outputs {
        return usize::from(*z > 0.0);
    }
    let mut best = (0, f32::NEG_INFINITY);
    for (class, z) in outputs.iter().enumerate() {
        if *z > best.1 {
            best = (class, *z);
        }
    }
    best.0
}

/// The probability that the outputs give to class number `class`.
pub fn probability(outputs: &[f32], class: usize) -> f32 {
    if let [z] = outputs {
        return match class {
            0 => sigmoid(-z),
            1 => sigmoid(*z),
            _ => 0.0,
        };
    }
    let most = outputs.iter().fold(f32::NEG_INFINITY, |most, z| most.max(*z));
    let sum = outputs.iter().fold(0.0, |sum, z| sum + libm::expf(z - most));
    outputs.get(class).map_or(0.0, |z| libm::expf(z - most) / sum)
}

/// The logit of that probability, ln(p / (1 - p)), which still tells probabilities apart that round to 0 or to 1: the output
/// less the logarithm of the sum of the others' exponentials.
pub fn logit(outputs: &[f32], class: usize) -> f32 {
    if let [z] = outputs {
        return match class {
            0 => -z,
            1 => *z,
            _ => f32::NEG_INFINITY,
        };
    }
    let others = || outputs.iter().enumerate().filter(|(other, _)| *other != class).map(|(_, z)| *z);
    let most = others().fold(f32::NEG_INFINITY, f32::max);
    let sum = others().fold(0.0, |sum, z| sum + libm::expf(z - most));
    outputs.get(class).map_or(f32::NEG_INFINITY, |z| z - most - libm::logf(sum))
}

/// Makes outputs logarithms of probabilities, in place. A single output, the logarithm of the odds, stays.
pub fn log_probabilities(outputs: &mut [f32]) {
    if outputs.len() > 1 {
        let most = outputs.iter().fold(f32::NEG_INFINITY, |most, z| most.max(*z));
        let sum = outputs.iter().fold(0.0, |sum, z| sum + libm::expf(z - most));
        let log_sum = most + libm::logf(sum);
        outputs.iter_mut().for_each(|z| *z -= log_sum);
    }
}

/// 1 / (1 + e^-x), without overflow.
pub(super) fn sigmoid(x: f32) -> f32 {
    let e = libm::expf(-x.abs());
    if x >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::softmax::softmax;

    #[test]
    fn a_logit_is_that_of_the_probability() {
        let z = [0.3, -1.2, 2.0, 0.7];
        for class in 0..4 {
            let p = probability(&z, class);
            assert!((logit(&z, class) - libm::logf(p / (1.0 - p))).abs() < 1e-5, "{class}");
        }
        assert_eq!(logit(&[200.0, -300.0], 1), -500.0);
        assert_eq!((logit(&z, 4), probability(&z, 4)), (f32::NEG_INFINITY, 0.0));
    }

    #[test]
    fn logarithms_are_those_of_the_probabilities() {
        let z = [0.3, -1.2, 2.0, 0.7];
        let mut logarithms = z;
        log_probabilities(&mut logarithms);
        for (class, log) in logarithms.into_iter().enumerate() {
            assert!((log - libm::logf(probability(&z, class))).abs() < 1e-6, "{class}");
        }
        let mut odds = [-1.5];
        log_probabilities(&mut odds);
        assert_eq!(odds, [-1.5]);
    }

    #[test]
    fn probabilities_are_the_softmax_and_the_class_is_the_largest() {
        let z = [0.3, -1.2, 2.0];
        let mut expected = z;
        softmax(&mut expected);
        assert_eq!([0, 1, 2].map(|class| probability(&z, class)), expected);
        assert_eq!(class(&z), 2);
        assert_eq!(class(&[f32::NAN; 2]), 0);
    }

    #[test]
    fn one_output_is_the_difference_of_two() {
        for z in [-4.0, -0.3, 0.0, 2.5] {
            assert_eq!(class(&[z]), usize::from(z > 0.0));
            for (class, expected) in [(0, -z), (1, z)] {
                assert_eq!((logit(&[z], class), logit(&[0.0, z], class)), (expected, expected));
                assert!((probability(&[z], class) - probability(&[0.0, z], class)).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn whole_numbers_are_classes() {
        assert_eq!([0.0, 7.0, -0.0].map(number), [Some(0), Some(7), Some(0)]);
        assert_eq!([-1.0, 0.5, f32::NAN, f32::INFINITY].map(number), [None; 4]);
    }
}
