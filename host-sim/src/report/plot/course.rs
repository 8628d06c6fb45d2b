//! Pictures of a run: what changes step by step and epoch by epoch.

use plotters::prelude::*;

use crate::report::plot::picture::{GRID, Result, picture, rounded};
use crate::run::record::{EpochRecord, Record};

const SIZE: (u32, u32) = (460, 270);
/// Readable on a telephone, where the picture is smaller.
const WRITING: (&str, u32) = ("sans-serif", 15);
/// A longer curve has means of as many steps as it takes for this many points.
const POINTS: usize = 400;

/// Of the training samples.
const TRAINING: RGBColor = RGBColor(68, 119, 170);
/// Of single steps: the same, paler.
const STEPS: RGBColor = RGBColor(153, 187, 221);
const VALIDATION: RGBColor = RGBColor(153, 119, 0);
const TEST: RGBColor = RGBColor(204, 102, 119);

/// A line with a name; without points it is left out.
struct Curve {
    name: &'static str,
    color: RGBColor,
    width: u32,
    points: Vec<(f64, f64)>,
}

/// Loss of each step and of each epoch.
///
/// # Errors
/// None in memory.
pub fn losses(record: &Record) -> Result<String> {
    let per_epoch = epoch_length(record);
    let steps = record.steps.iter().map(|step| (f64::from(step.step + 1) / per_epoch, f64::from(step.loss)));
    let curves = [
        Curve { name: "steps", color: STEPS, width: 1, points: thinned(steps.collect()) },
        of_epochs("training", TRAINING, record, |epoch| Some(epoch.train_loss)),
        of_epochs("validation", VALIDATION, record, |epoch| epoch.validation_loss.map(f64::from)),
        of_epochs("test", TEST, record, |epoch| epoch.test_loss.map(f64::from)),
    ];
    lines("Loss", "mean loss", curves)
}

/// Accuracy, or R² of values, at the end of each epoch; `None` if nothing was tested.
///
/// # Errors
/// None in memory.
pub fn scores(record: &Record) -> Result<Option<String>> {
    let test = |epoch: &EpochRecord| epoch.test_accuracy.or(epoch.test_r2).map(f64::from);
    let curves = [
        of_epochs("validation", VALIDATION, record, |epoch| epoch.validation_score.map(f64::from)),
        of_epochs("test", TEST, record, test),
    ];
    let is_of_values = record.epochs.iter().any(|epoch| epoch.test_r2.is_some());
    let name = if is_of_values { "R²" } else { "accuracy" };
    let there = curves.iter().any(|curve| !curve.points.is_empty());
    there.then(|| lines("Result at the end of each epoch", name, curves)).transpose()
}

/// Learning rate of each step.
///
/// # Errors
/// None in memory.
pub fn rates(record: &Record) -> Result<String> {
    let per_epoch = epoch_length(record);
    let rates = record.steps.iter().map(|step| (f64::from(step.step + 1) / per_epoch, f64::from(step.lr)));
    lines(
        "Learning rate",
        "rate",
        [Curve { name: "rate", color: TRAINING, width: 2, points: thinned(rates.collect()) }],
    )
}

/// Steps of an epoch, the mean of those that were made.
fn epoch_length(record: &Record) -> f64 {
    let (steps, epochs) = (record.steps.len().max(1), record.epochs.len().max(1));
    steps as f64 / epochs as f64
}

fn of_epochs(
    name: &'static str,
    color: RGBColor,
    record: &Record,
    value: impl Fn(&EpochRecord) -> Option<f64>,
) -> Curve {
    let points = record.epochs.iter().filter_map(|epoch| Some((f64::from(epoch.epoch), value(epoch)?)));
    Curve { name, color, width: 2, points: points.filter(|(_, value)| value.is_finite()).collect() }
}

fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mean = |points: &[(f64, f64)]| points.iter().map(|(_, value)| value).sum::<f64>() / points.len() as f64;
    let parts = points.chunks(points.len().div_ceil(POINTS).max(1));
    let means = parts.filter_map(|part| Some((part.last()?.0, mean(part))));
    means.filter(|(_, value)| value.is_finite()).collect()
}

fn lines<const N: usize>(title: &str, name: &str, curves: [Curve; N]) -> Result<String> {
    let curves: Vec<_> = curves.into_iter().filter(|curve| !curve.points.is_empty()).collect();
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let right = points().map(|(x, _)| *x).fold(1.0, f64::max);
    let (low, high) = points().fold((0.0_f64, f64::MIN), |(low, high), (_, y)| (low.min(*y), high.max(*y)));
    let high = if high > low { high + 0.05 * (high - low) } else { low + 1.0 };
    picture(title, SIZE, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(10)
            .margin_top(24)
            .x_label_area_size(44)
            .y_label_area_size(70)
            .build_cartesian_2d(0.0..right, low..high)?;
        let mut mesh = chart.configure_mesh();
        mesh.light_line_style(TRANSPARENT).bold_line_style(GRID).x_labels(8).y_labels(6).x_desc("epoch").y_desc(name);
        mesh.label_style(WRITING).axis_desc_style(WRITING);
        mesh.x_label_formatter(&|epoch| rounded(*epoch).to_string())
            .y_label_formatter(&|value| short(*value))
            .draw()?;
        let mut x = 62;
        for Curve { name, color, width, points } in &curves {
            chart.draw_series([PathElement::new(points.clone(), color.stroke_width(*width))])?;
            if let [point] = points[..] {
                chart.draw_series([Circle::new(point, 3, color.filled())])?;
            }
            if curves.len() > 1 {
                area.draw(&PathElement::new([(x, 10), (x + 18, 10)], color.stroke_width(3)))?;
                area.draw(&Text::new(*name, (x + 23, 3), WRITING))?;
                x += 36 + 9 * name.len() as i32;
            }
        }
        Ok(())
    })
}

/// A number at an axis.
fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        0.01..1000.0 => rounded(value).to_string(),
        _ => format!("{value:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_becomes_means() {
        let points: Vec<_> = (0..1201).map(|step| (f64::from(step), f64::from(step % 4))).collect();
        let thin = thinned(points);
        assert_eq!((thin.len(), thin[0], thin[1]), (301, (3.0, 1.5), (7.0, 1.5)));
        assert_eq!(thinned(vec![(1.0, f64::NAN), (2.0, 0.5)]), [(2.0, 0.5)]);
    }

    #[test]
    fn axes_have_short_numbers() {
        assert_eq!([0.0, 0.25, 12.0, 0.0005, 5e6].map(short), ["0", "0.25", "12", "5.0e-4", "5.0e6"]);
    }
}
