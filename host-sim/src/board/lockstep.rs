//! Two that should do the same, step by step, and the first step at which they do not.

/// A pair that can begin again as often as it is wished, and goes the same way each time.
pub trait Pair {
    /// What tells the two apart.
    type Difference;
    /// Why one of them does not go on.
    type Error;

    /// Both start anew.
    fn begin(&mut self) -> Result<(), Self::Error>;

    /// Both do step number `step`, from 0.
    fn advance(&mut self, step: u32) -> Result<(), Self::Error>;

    /// Compares them.
    fn difference(&mut self) -> Result<Option<Self::Difference>, Self::Error>;
}

/// Takes a pair through `steps` steps and compares it after every `every`th and the last. If it differs, goes again up to
/// there, now comparing after each step since the last good one, and gives the first step with a difference.
///
/// # Errors
/// Those of the pair.
pub fn compare<P: Pair>(pair: &mut P, steps: u32, every: u32) -> Result<Option<(u32, P::Difference)>, P::Error> {
    let coarse = go(pair, 0..steps, |step| (step + 1).is_multiple_of(every) || step + 1 == steps)?;
    match coarse {
        Some((step, difference)) if every > 1 => {
            let good = step / every * every;
            let fine = go(pair, 0..step + 1, |step| step >= good)?;
            Ok(Some(fine.unwrap_or((step, difference))))
        }
        found => Ok(found),
    }
}

fn go<P: Pair>(
    pair: &mut P,
    steps: std::ops::Range<u32>,
    look: impl Fn(u32) -> bool,
) -> Result<Option<(u32, P::Difference)>, P::Error> {
    pair.begin()?;
    for step in steps {
        pair.advance(step)?;
        if look(step)
            && let Some(difference) = pair.difference()?
        {
            return Ok(Some((step, difference)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// Differs from step number `bad` on; counts what is asked of it.
    struct Fake {
        bad: u32,
        step: u32,
        advances: u32,
        comparisons: u32,
    }

    impl Pair for Fake {
        type Difference = u32;
        type Error = Infallible;

        fn begin(&mut self) -> Result<(), Infallible> {
            self.step = u32::MAX;
            Ok(())
        }

        fn advance(&mut self, step: u32) -> Result<(), Infallible> {
            assert_eq!(step, self.step.wrapping_add(1));
            self.step = step;
            self.advances += 1;
            Ok(())
        }

        fn difference(&mut self) -> Result<Option<u32>, Infallible> {
            self.comparisons += 1;
            Ok((self.step >= self.bad).then_some(self.step))
        }
    }

    fn run(bad: u32, steps: u32, every: u32) -> (Option<(u32, u32)>, Fake) {
        let mut fake = Fake { bad, step: 0, advances: 0, comparisons: 0 };
        let Ok(found) = compare(&mut fake, steps, every);
        (found, fake)
    }

    #[test]
    fn the_first_bad_step_is_found_however_seldom_it_is_looked() {
        for every in [1, 2, 3, 7, 50, 1000] {
            for bad in 0..50 {
                assert_eq!(run(bad, 50, every).0, Some((bad, bad)), "every {every}");
            }
        }
    }

    #[test]
    fn a_good_pair_is_looked_at_now_and_then_and_at_the_end() {
        let (found, fake) = run(100, 50, 7);
        assert_eq!((found, fake.advances, fake.comparisons), (None, 50, 8));
    }
}
