//! Sums of products of unpacked numbers: the twin of the assembly for RV32IMC, path by path, which computes the same as single
//! operations where these need no subnormal product, no infinity and no -0.

use super::SIGN;

/// The word of a factor: 0, or a mantissa of 24 bits in two's complement from bit 7 on, and below it the exponent, 64 less than in the
/// float's bits. `None` for anything but 0 and sizes from 2⁻⁶³ to 2⁵⁹.
pub fn word(x: u32) -> Option<u32> {
    let exponent = (x >> 23 & 255).wrapping_sub(64);
    if exponent >= 122 {
        return (x << 1 == 0).then_some(0);
    }
    let mantissa = (x << 8 | SIGN) >> 1;
    Some(if x < SIGN { mantissa } else { mantissa.wrapping_neg() } | exponent)
}

/// A sum: a mantissa in two's complement, 0 or of a size from 2²⁸ to 2²⁹ with five bits below its last, and an exponent one less than
/// in a float's bits.
#[derive(Clone, Copy, Debug)]
pub struct Sum {
    mantissa: i32,
    exponent: i32,
}

/// The exponent of 0, so low that the next product replaces it.
const NOTHING: i32 = -4000;
const ONE: i32 = 1 << 28;

/// What can happen in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// The product is 0.
    Zero,
    /// It has no bits in the lower half, with a digit more and without.
    Exact,
    ExactLong,
    /// It has a digit more than usual.
    Long,
    /// The sum is replaced: it is far smaller.
    Replaced,
    /// It is smaller, so much that bits are lost, or not.
    SmallerLost,
    Smaller,
    /// The product is smaller by up to 5.
    Near,
    /// The product is so much smaller that bits are lost, or that it is.
    Lost,
    Skipped,
    /// A tie that is one, and one that is not because of lost bits.
    Tie,
    AboveTie,
    /// The sum has a digit more, or two.
    Carry,
    CarryTwo,
    /// Some of its digits have cancelled, or all.
    Cancelled,
    CancelledAll,
    /// The sum is below 0.
    Negative,
}

impl Path {
    /// How many there are.
    pub const COUNT: usize = Self::Negative as usize + 1;
}

impl Sum {
    /// A sum from the bits of a float; `None` for -0, subnormal numbers and those from 2¹¹³ on.
    pub fn unpack(x: u32) -> Option<Self> {
        let exponent = (x >> 23 & 255) as i32 - 1;
        if !(0..239).contains(&exponent) {
            return (x == 0).then_some(Self { mantissa: 0, exponent: NOTHING });
        }
        let mantissa = ((x << 8 | SIGN) >> 3) as i32;
        Some(Self { mantissa: if x < SIGN { mantissa } else { -mantissa }, exponent })
    }

    /// The float. Below the smallest normal number the sum is one as well.
    pub fn pack(self) -> u32 {
        let (sign, mantissa) = (self.mantissa as u32 & SIGN, self.mantissa.unsigned_abs() >> 5);
        match self.exponent {
            exponent @ 0.. => sign | (((exponent as u32) << 23) + mantissa),
            _ if mantissa == 0 => 0,
            exponent => sign | mantissa >> -exponent,
        }
    }

    /// Adds the product of two words; `taken` is told of the paths.
    pub fn add(&mut self, a: u32, b: u32, taken: &mut impl FnMut(Path)) {
        let [(m, of_a), (n, of_b)] = [a, b].map(|word| ((word & !127) as i32, (word & 127) as i32));
        let (product, exponent) = (i64::from(m) * i64::from(n), of_a + of_b);
        let (upper, lower) = ((product >> 32) as i32, product as u32);
        if product == 0 {
            return taken(Path::Zero);
        }
        let unit = if (-2 * ONE..2 * ONE).contains(&upper) { 32 } else { 64 };
        match (unit, lower) {
            (32, 0) => taken(Path::Exact),
            (_, 0) => taken(Path::ExactLong),
            (32, _) => (),
            _ => taken(Path::Long),
        }
        let odd = (upper & unit != 0) as i32;
        let half = if lower == 0 { unit / 2 - 1 + odd } else { unit / 2 };
        self.add_rounded((upper + half) & -unit, exponent, taken);
    }

    fn add_rounded(&mut self, product: i32, exponent: i32, taken: &mut impl FnMut(Path)) {
        let distance = self.exponent - exponent;
        match distance {
            28.. => taken(Path::Skipped),
            6.. => {
                taken(Path::Lost);
                let (shifted, lost) = (product >> distance, product << (32 - distance) != 0);
                self.normalise(self.mantissa + shifted, lost, taken);
            }
            0.. => {
                taken(Path::Near);
                self.normalise(self.mantissa + (product >> distance), false, taken);
            }
            -5.. => {
                taken(Path::Smaller);
                self.exponent = exponent;
                self.normalise((self.mantissa >> -distance) + product, false, taken);
            }
            -27.. => {
                taken(Path::SmallerLost);
                self.exponent = exponent;
                let lost = self.mantissa << (32 + distance) != 0;
                self.normalise((self.mantissa >> -distance) + product, lost, taken);
            }
            _ => {
                taken(Path::Replaced);
                self.exponent = exponent;
                self.normalise(product, false, taken);
            }
        }
    }

    /// Brings a sum to its size and rounds it, given whether bits below its last were lost.
    fn normalise(&mut self, sum: i32, lost: bool, taken: &mut impl FnMut(Path)) {
        if sum < 0 {
            taken(Path::Negative);
        }
        if sum == 0 && !lost {
            taken(Path::CancelledAll);
            return *self = Self { mantissa: 0, exponent: NOTHING };
        }
        let mut sum = sum | i32::from(lost);
        let usual = |sum: i32| (ONE..2 * ONE).contains(&sum) || (-2 * ONE..=-ONE).contains(&sum);
        if !usual(sum) && sum.unsigned_abs() > ONE.unsigned_abs() {
            taken(Path::Carry);
            while !usual(sum) {
                if !usual(sum >> 1) {
                    taken(Path::CarryTwo);
                }
                (sum, self.exponent) = (sum >> 1 | sum & 1, self.exponent + 1);
            }
        } else if !usual(sum) {
            taken(Path::Cancelled);
            while !usual(sum) {
                (sum, self.exponent) = (sum << 1, self.exponent - 1);
            }
        }
        let half_added = sum + 16;
        if half_added & 31 == 0 {
            taken(Path::Tie);
        } else if lost && half_added & 31 == 1 {
            taken(Path::AboveTie);
        }
        self.mantissa = half_added & if half_added & 31 == 0 { -64 } else { -32 };
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::Cases;
    use super::*;
    use std::vec::Vec;

    /// Factors of some steps and a first sum, of one of several kinds.
    fn case(cases: &mut Cases) -> (Vec<[u32; 2]>, u32) {
        let (kind, count) = (cases.below(5), 1 + cases.below(16));
        let (first, spread) = [(115, 14), (97, 60), (126, 3), (64, 12), (174, 12)][kind as usize];
        let mut steps = Vec::<[u32; 2]>::new();
        for _ in 0..count {
            let step = match (cases.below(8), steps.last()) {
                // Nearly or wholly what the last step added, taken away.
                (0 | 1, Some([a, b])) => [*a, b ^ SIGN ^ (cases.below(2) << cases.below(8))],
                (2, _) => [cases.below(2) << 31, cases.float(first, spread)],
                _ => [cases.float(first, spread), cases.float(first, spread)],
            };
            steps.push(step);
        }
        let sum = match cases.below(4) {
            0 => 0,
            1 => cases.float(1, 254),
            _ => cases.float((2 * first).saturating_sub(127).max(1), 2 * spread),
        };
        (steps, sum)
    }

    /// `TRAINLET_CASES=100000000 cargo test --release -p trainlet --lib soft::unpacked` adds up 820 million products.
    #[test]
    fn sums_of_products_are_those_of_single_operations() {
        let count = std::env::var("TRAINLET_CASES").map_or(100_000, |count| count.parse().unwrap());
        let (mut cases, mut taken) = (Cases::new(2), [0_u64; Path::COUNT]);
        for _ in 0..count {
            let (steps, first) = case(&mut cases);
            let words: Option<Vec<[u32; 2]>> = steps.iter().map(|[a, b]| Some([word(*a)?, word(*b)?])).collect();
            let (Some(words), Some(mut sum)) = (words, Sum::unpack(first)) else { continue };
            words.iter().for_each(|[a, b]| sum.add(*a, *b, &mut |path| taken[path as usize] += 1));
            let of = f32::from_bits;
            let expected = steps.iter().fold(of(first), |sum, [a, b]| sum + of(*a) * of(*b));
            assert_eq!(sum.pack(), expected.to_bits(), "{first:#x} {steps:x?}: {expected:e}");
        }
        assert!(taken.iter().all(|count| *count > 0), "every path: {taken:?}");
    }

    #[test]
    fn what_has_no_word_is_left_out() {
        let words =
            [0.0, -0.0, 1.0, f32::from_bits(64 << 23), f32::from_bits((186 << 23) - 1)].map(f32::to_bits).map(word);
        assert_eq!(words, [Some(0), Some(0), Some(1 << 30 | 63), Some(1 << 30), Some(!0 >> 8 << 7 & !SIGN | 121)]);
        let others = [
            f32::INFINITY,
            f32::NAN,
            1e-45,
            f32::MIN_POSITIVE,
            f32::from_bits((64 << 23) - 1),
            f32::from_bits(186 << 23),
        ];
        assert!(others.into_iter().flat_map(|x| [x, -x]).all(|x| word(x.to_bits()).is_none()));
        let sums = [-0.0, 1e-45, f32::from_bits(240 << 23), f32::INFINITY, f32::NAN];
        assert!(sums.into_iter().all(|x| Sum::unpack(x.to_bits()).is_none()));
        assert!(
            [0.0, f32::MIN_POSITIVE, -1.0].into_iter().all(|x| Sum::unpack(x.to_bits()).unwrap().pack() == x.to_bits())
        );
    }
}
