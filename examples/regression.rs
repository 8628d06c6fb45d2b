//! Regression with the mean squared error: the temperature from the voltage at a thermistor and the supply's voltage, learnt on
//! the device from readings beside a reference thermometer. Inputs and target are standardised by what comes first.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[macro_use]
mod entry;

use static_cell::ConstStaticCell;
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose, Stream};
use trainlet::data::{Scaler, ScalerFit};
use trainlet::nn::head::DenseHead;
use trainlet::nn::layer::Tanh;
use trainlet::nn::loss::Mse;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::DenseStem;
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Trainer};

/// A perceptron 2-16-8-1. A single token of 8 channels lies between stem and head; there are no blocks.
type Thermometer = Net<1, 8, DenseStem<2, 16, 8, Tanh>, (), DenseHead<8, 1>>;
type ThermometerTrainer = Trainer<Thermometer, Mse, Adam<[f32; Thermometer::TRAINABLE]>, [f32; Thermometer::ARENA]>;

static TRAINER: ConstStaticCell<ThermometerTrainer> = ConstStaticCell::new(ThermometerTrainer::ZERO);

const BATCH: u32 = 16;
const UPDATES: u32 = 600;

entry!(start);

fn start() {
    // Volts at the divider, volts of the supply, °C: one scaler for all three, fitted in one pass over the first readings.
    let mut random = Key::new(3, Purpose::Order).stream();
    let mut fit = ScalerFit::<3>::ZERO;
    (0..200).for_each(|_| fit.push(&read(&mut random)));
    let scaler = fit.finish();

    let trainer = TRAINER.take();
    say!("{} weights, {} bytes of RAM in all", Thermometer::COUNT, ThermometerTrainer::BUDGET.total);
    let schedule = Schedule::cosine(1e-2, 20, UPDATES);
    if let Err(error) = trainer.init(Config::new(1, Mse, AdamConfig::adam(), schedule).clipped(1.0)) {
        return say!("{error}");
    }
    for update in 0..UPDATES {
        let mut loss = 0.0;
        for _ in 0..BATCH {
            let (input, target) = standardised(&scaler, &read(&mut random));
            loss += trainer.accumulate(&input, &target, 1.0 / BATCH as f32).expect("the target is finite");
        }
        trainer.step();
        if update % 100 == 99 {
            say!("update {}: mean squared error {:.5} of the target's variance", update + 1, loss / BATCH as f32);
        }
    }

    let [.., mean] = scaler.mean;
    let [.., deviation] = scaler.std;
    let mut squares = 0.0;
    for _ in 0..200 {
        let reading = read(&mut random);
        let (input, _) = standardised(&scaler, &reading);
        let [output] = trainer.predict(&input);
        let error = mean + deviation * output - reading[2];
        squares += error * error;
    }
    let rmse = libm::sqrtf(squares / 200.0);
    say!("new readings: RMSE {rmse:.2} degrees Celsius");
    assert!(rmse < 1.0);
}

/// Inputs and target without units.
fn standardised(scaler: &Scaler<3>, reading: &[f32; 3]) -> ([f32; 2], [f32; 1]) {
    let mut row = *reading;
    scaler.apply(&mut row);
    let [divider, supply, celsius] = row;
    ([divider, supply], [celsius])
}

/// One reading: volts at the divider, volts of the supply, °C by the reference. Here an ADC is read instead: the thermistor is
/// one of 10 kΩ with B = 3950 K below a resistor of 10 kΩ.
fn read(random: &mut Stream) -> [f32; 3] {
    let (celsius, supply) = (80.0 * random.uniform() - 10.0, 3.0 + 0.6 * random.uniform());
    let resistance = libm::expf(3950.0 * (1.0 / (celsius + 273.15) - 1.0 / 298.15));
    let noise = 0.004 * (random.uniform() - 0.5);
    [supply * resistance / (resistance + 1.0) + noise, supply, celsius]
}
