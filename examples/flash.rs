//! Prediction only: the weights of a network that was trained before, and the transform of its inputs, are constants in flash. RAM
//! holds the arena of a prediction and nothing else.
//!
//! The network says whether dew will form on a window pane, from the temperatures of air and glass and the air's humidity.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[macro_use]
mod entry;

use trainlet::data::Scaler;
use trainlet::nn::head::DenseHead;
use trainlet::nn::layer::Linear;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::DenseStem;
use trainlet::train::Predictor;

/// A perceptron 3-6-4-2.
type Dew = Net<1, 4, DenseStem<3, 6, 4>, (), DenseHead<4, 2>>;
type DewPredictor = Predictor<'static, Dew, [f32; Dew::INFER_ARENA]>;

static WEIGHTS: Dew = Dew {
    stem: DenseStem::new(
        Linear::new(
            [
                [0.625, -0.931, 0.780],
                [-0.411, 0.879, -1.184],
                [0.661, -1.206, 1.298],
                [0.818, -1.593, 1.652],
                [-0.780, 1.449, -1.287],
                [-0.974, 1.539, 0.347],
            ],
            [-0.114, 0.868, 0.066, 0.003, 0.992, 0.297],
        ),
        Linear::new(
            [
                [-0.280, 0.926, -0.025, -1.541, 1.156, 0.924],
                [0.548, -1.267, 1.021, 1.757, -1.015, -1.029],
                [-0.011, -0.089, 0.520, 0.982, -1.029, -0.732],
                [0.045, 0.903, -0.278, -1.238, 1.648, 0.947],
            ],
            [0.943, -0.036, -0.139, 0.644],
        ),
    ),
    blocks: (),
    head: DenseHead {
        head: Linear::new([[2.007, -1.312, -0.050, 1.568], [-1.653, 1.821, 0.746, -1.457]], [0.549, -0.154]),
    },
};

/// Mean and standard deviation of air and glass, °C, and of relative humidity, %, over the training data.
static SCALER: Scaler<3> = Scaler { mean: [20.940, 13.922, 55.093], std: [2.895, 5.053, 17.323] };

entry!(start);

fn start() {
    let mut predictor = DewPredictor::new(&WEIGHTS);
    say!("{} bytes of RAM, {} bytes of flash for the weights", DewPredictor::BUDGET.total, size_of::<Dew>());
    for (reading, expected) in [
        ([20.0, 18.0, 40.0], false),
        ([20.0, 8.0, 40.0], false),
        ([20.0, 8.0, 70.0], true),
        ([24.0, 12.0, 60.0], true),
        ([17.0, 15.0, 80.0], false),
    ] {
        let mut input = reading;
        SCALER.apply(&mut input);
        let [dry, wet] = predictor.predict(&input);
        let [air, glass, humidity] = reading;
        let answer = if wet > dry { "dew" } else { "dry" };
        say!("air {air:.0} C, glass {glass:.0} C, humidity {humidity:.0} %: {answer}");
        assert_eq!(wet > dry, expected);
    }
}
