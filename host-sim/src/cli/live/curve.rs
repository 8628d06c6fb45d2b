//! A curve that grows as long as a run lasts.

/// Points that are kept at least, once there were as many: more than a terminal has columns, eight to a column.
const ENOUGH: usize = 1024;

/// Values over steps, in bounded memory: when there are twice [`ENOUGH`], each two neighbours become their mean.
#[derive(Debug)]
pub struct Curve {
    points: Vec<(f64, f64)>,
    /// Values in a point.
    stride: u32,
    /// Sums of the values that make up the next point.
    sums: (f64, f64),
    count: u32,
}

impl Curve {
    /// Without a point.
    pub const fn new() -> Self {
        Self { points: Vec::new(), stride: 1, sums: (0.0, 0.0), count: 0 }
    }

    /// Adds a value, unless it is not finite. A run that has gone back draws what came after anew.
    pub fn push(&mut self, step: u32, value: f64) {
        let step = f64::from(step);
        if self.points.pop_if(|(last, _)| *last >= step).is_some() {
            self.points.retain(|(before, _)| *before < step);
            (self.sums, self.count) = ((0.0, 0.0), 0);
        }
        if !value.is_finite() {
            return;
        }
        self.sums = (self.sums.0 + step, self.sums.1 + value);
        self.count += 1;
        if self.count == self.stride {
            let count = f64::from(self.count);
            self.points.push((self.sums.0 / count, self.sums.1 / count));
            (self.sums, self.count) = ((0.0, 0.0), 0);
        }
        if self.points.len() == 2 * ENOUGH {
            self.points = self.points.chunks(2).map(|pair| mean(pair[0], pair[1])).collect();
            self.stride *= 2;
        }
    }

    /// Steps and values, in the order of the steps.
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }
}

fn mean(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_takes_no_more_memory() {
        let mut curve = Curve::new();
        (1..=1_000_000).for_each(|step| curve.push(step, f64::from(step)));
        let points = curve.points();
        assert!((ENOUGH..2 * ENOUGH).contains(&points.len()), "{}", points.len());
        assert!(points.is_sorted() && points.iter().all(|(step, value)| step == value), "means lie on the line");
        assert!(points[0].0 < 1e3 && points.last().unwrap().0 > 999e3);
    }

    #[test]
    fn what_is_no_number_leaves_a_gap_and_a_run_that_goes_back_starts_anew() {
        let mut curve = Curve::new();
        [1.0, f64::NAN, f64::INFINITY, 4.0].into_iter().zip(1..).for_each(|(value, step)| curve.push(step, value));
        assert_eq!(curve.points(), [(1.0, 1.0), (4.0, 4.0)]);
        curve.push(2, 9.0);
        assert_eq!(curve.points(), [(1.0, 1.0), (2.0, 9.0)]);
    }
}
