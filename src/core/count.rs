//! Counting the steps of a run that need not end.

/// The number after this one.
#[inline]
pub(crate) const fn next(number: u32) -> u32 {
    after(number, 1)
}

/// The number that is `more` later. After 2³² - 1 comes 2³¹: whatever depends on the number of a step, such as a schedule, stays
/// with what it does late in a run, and random numbers still change from step to step.
#[inline]
pub(crate) const fn after(number: u32, more: u32) -> u32 {
    match number.checked_add(more) {
        Some(number) => number,
        None => number.wrapping_add(more) | 1 << 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_and_never_come_back_to_the_start() {
        assert_eq!([0, 1, u32::MAX - 1].map(next), [1, 2, u32::MAX]);
        assert_eq!(next(u32::MAX), 1 << 31);
        for number in [0, u32::MAX - 3, u32::MAX] {
            let (mut one_by_one, mut more) = (number, 0);
            while more < 7 {
                assert_eq!(after(number, more), one_by_one);
                (one_by_one, more) = (next(one_by_one), more + 1);
            }
        }
    }
}
