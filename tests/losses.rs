//! Every loss's gradient against central differences of its value, down to a single output.

use trainlet::nn::loss::{BceWithLogits, CrossEntropy, Loss, Mse};

const STEP: f32 = 1.0 / 128.0;

fn check<const K: usize, L: Loss<[f32; K]>>(loss: L, target: &L::Target) {
    let output: [f32; K] = std::array::from_fn(|i| 2.0 * (0.9 * (i + 1) as f32).sin());
    let mut gradient = [0.0; K];
    loss.evaluate(&output, target, &mut gradient).unwrap();
    for (i, expected) in gradient.iter().enumerate() {
        let value_at = |offset: f32| {
            let mut output = output;
            output[i] += offset;
            f64::from(loss.evaluate(&output, target, &mut [0.0; K]).unwrap())
        };
        let (near, far) = (value_at(STEP) - value_at(-STEP), value_at(2.0 * STEP) - value_at(-2.0 * STEP));
        let difference = (8.0 * near - far) / f64::from(12.0 * STEP);
        assert!((difference - f64::from(*expected)).abs() < 1e-4, "output {i} of {K}: {expected}, {difference}");
    }
}

fn targets<const K: usize>() -> [f32; K] {
    std::array::from_fn(|i| i as f32 / K as f32)
}

fn check_all<const K: usize>() {
    for label_smoothing in [0.0, 0.1, 1.0] {
        for class in 0..K {
            check::<K, _>(CrossEntropy { label_smoothing }, &class);
        }
    }
    let [pos_weight, weight] = [2.5, 0.5].map(|first| std::array::from_fn(|i| first + i as f32));
    check::<K, _>(BceWithLogits { pos_weight, weight }, &targets());
    check::<K, _>(BceWithLogits::new(), &targets());
    check::<K, _>(Mse, &targets());
}

#[test]
fn gradients_of_all_losses_are_the_slopes_of_their_values() {
    check_all::<1>();
    check_all::<2>();
    check_all::<7>();
}
