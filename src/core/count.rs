//! Counting the steps of a run that need not end.

/// The number that follows. After 2³² - 1 comes 2³¹: whatever depends on the number of a step, such as a schedule, stays with
/// what it does late in a run, and random numbers still change from step to step.
#[inline]
pub(crate) const fn next(number: u32) -> u32 {
    match number.checked_add(1) {
        Some(next) => next,
        None => 1 << 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_and_never_come_back_to_the_start() {
        assert_eq!([0, 1, u32::MAX - 1].map(next), [1, 2, u32::MAX]);
        assert_eq!(next(u32::MAX), 1 << 31);
    }
}
