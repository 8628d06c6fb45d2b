//! Statistics of the columns of a window.

use super::arch::sqrt;
use super::rows::rows;

/// How many there are of a column.
pub const COUNT: usize = 6;

/// Writes for each column of `x`, `[positions][columns]`: mean, standard deviation, least and greatest value, mean absolute difference of
/// neighbours, and the rise of the least-squares line from the first position to the last.
#[inline(never)]
pub fn summarise(y: &mut [f32], x: &[f32], [positions, columns]: [usize; 2]) {
    for (column, y) in y.as_chunks_mut::<COUNT>().0.iter_mut().enumerate() {
        *y = of_column(&|| rows(x, columns).filter_map(move |row| row.get(column).copied()), positions as f32);
    }
}

/// In two passes: a deviation from sums of squares alone is lost where the mean is large.
#[inline(always)]
fn of_column<I: Iterator<Item = f32>>(column: &impl Fn() -> I, positions: f32) -> [f32; COUNT] {
    let (mut sum, mut least, mut greatest) = (0.0, f32::INFINITY, f32::NEG_INFINITY);
    for x in column() {
        sum += x;
        // Not `f32::min`, whose result for zeros of both signs depends on the processor.
        least = if x < least { x } else { least };
        greatest = if x > greatest { x } else { greatest };
    }
    let mean = sum / positions;
    let (mut squares, mut moment, mut place) = (0.0, 0.0, 0.5 - 0.5 * positions);
    for x in column() {
        let deviation = x - mean;
        squares += deviation * deviation;
        moment += place * deviation;
        place += 1.0;
    }
    let differences = column().zip(column().skip(1)).fold(0.0, |sum, (x, next)| sum + (next - x).abs());
    // A single position has no neighbour and no rise.
    let neighbours = if positions > 1.0 { positions - 1.0 } else { 1.0 };
    [
        mean,
        sqrt(squares / positions),
        least,
        greatest,
        differences / neighbours,
        12.0 * moment / (positions * (positions + 1.0)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(x: &[f32]) -> [f32; COUNT] {
        let mut y = [f32::NAN; COUNT];
        summarise(&mut y, x, [x.len(), 1]);
        y
    }

    #[test]
    fn a_line_rises_from_its_first_value_to_its_last() {
        assert_eq!(of(&[1.0, 3.0, 5.0, 7.0]), [4.0, 5f32.sqrt(), 1.0, 7.0, 2.0, 6.0]);
        assert_eq!(of(&[5.0, 2.0, -1.0])[5], -6.0);
    }

    #[test]
    fn a_constant_and_a_single_position_do_not_vary() {
        assert_eq!(of(&[0.375; 8]), [0.375, 0.0, 0.375, 0.375, 0.0, 0.0]);
        assert_eq!(of(&[-2.5]), [-2.5, 0.0, -2.5, -2.5, 0.0, 0.0]);
        // But for the rounding of the mean.
        assert!(of(&[0.1; 7])[1] < 1e-7);
    }

    #[test]
    fn small_deviations_from_a_large_mean_are_seen() {
        let deviation = of(&[10_000.0, 10_001.0, 10_000.0, 10_001.0])[1];
        assert!((deviation - 0.5).abs() < 1e-3, "{deviation}");
    }
}
