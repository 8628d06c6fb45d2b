//! The arithmetic of `f32` in integers, for a processor without a floating-point unit: IEEE 754, rounded to the nearest, of two
//! equally near to the even one. Bits in, bits out.
//!
//! A result that is not a number is quiet: the first operand that was none, otherwise the positive one without a payload.
//! Nothing in the library depends on which.

#[cfg(any(test, feature = "bench"))]
pub mod cases;
#[cfg(test)]
mod unpacked;

const SIGN: u32 = 1 << 31;
const INFINITY: u32 = 0xff << 23;
const NAN: u32 = INFINITY | QUIET;
const QUIET: u32 = 1 << 22;

/// `a + b`
pub extern "C" fn add(a: u32, b: u32) -> u32 {
    let (larger, smaller) = if a & !SIGN < b & !SIGN { (b, a) } else { (a, b) };
    let (x, y) = (larger & !SIGN, smaller & !SIGN);
    if x > INFINITY {
        return not_a_number(a, b);
    } else if x == INFINITY {
        return if y == INFINITY && a != b { NAN } else { larger };
    } else if y == 0 {
        return if x == 0 { a & b } else { larger };
    }
    let ((m, exponent), (n, lower)) = (unpack(x), unpack(y));
    let (m, n, distance) = (u64::from(m) << 39, u64::from(n) << 39, exponent - lower);
    // From a distance of 40 on it only says that there is something.
    let n = if distance < 40 { n >> distance } else { 1 };
    match if a ^ b < SIGN { m + n } else { m - n } {
        0 => 0,
        sum => round(larger & SIGN, sum, exponent + 1),
    }
}

/// `a b`
pub extern "C" fn multiply(a: u32, b: u32) -> u32 {
    let (sign, x, y) = ((a ^ b) & SIGN, a & !SIGN, b & !SIGN);
    if x > INFINITY || y > INFINITY {
        return not_a_number(a, b);
    } else if x == INFINITY || y == INFINITY {
        return if x == 0 || y == 0 { NAN } else { sign | INFINITY };
    } else if x == 0 || y == 0 {
        return sign;
    }
    let ((m, of_a), (n, of_b)) = (unpack(x), unpack(y));
    round(sign, (u64::from(m) * u64::from(n)) << 16, of_a + of_b - 126)
}

/// `a / b`
pub extern "C" fn divide(a: u32, b: u32) -> u32 {
    let (sign, x, y) = ((a ^ b) & SIGN, a & !SIGN, b & !SIGN);
    if x > INFINITY || y > INFINITY {
        return not_a_number(a, b);
    } else if x == INFINITY || y == 0 {
        return if x == y || x == 0 { NAN } else { sign | INFINITY };
    } else if y == INFINITY || x == 0 {
        return sign;
    }
    let ((mut m, mut of_a), (n, of_b)) = (unpack(x), unpack(y));
    if m < n {
        (m, of_a) = (2 * m, of_a - 1);
    }
    // 1, and eight bits from each division of 32 bits: twice as fast as one of 64.
    let (mut quotient, mut rest) = (1, m - n);
    for _ in 0..3 {
        let bits = (rest << 8) / n;
        (quotient, rest) = (quotient << 8 | bits, (rest << 8) - bits * n);
    }
    let (lost, exponent) = (u32::from(rest != 0), of_a - of_b + 127);
    if (1..255).contains(&exponent) {
        let up = quotient & (quotient >> 1 | lost) & 1;
        return sign | (((exponent as u32 - 1) << 23) + (quotient >> 1) + up);
    }
    round(sign, u64::from(quotient << 1 | lost) << 38, exponent)
}

/// Mantissa, from 2²³ to 2²⁴, and exponent as in a float's bits, below 1 for a subnormal number; it is neither 0 nor infinite.
#[inline(always)]
fn unpack(x: u32) -> (u32, i32) {
    let exponent = x >> 23;
    if exponent > 0 {
        return (x & ((1 << 23) - 1) | 1 << 23, exponent as i32);
    }
    let shift = x.leading_zeros() - 8;
    // The leading 1 is there already; so the compiler sees that a division by it cannot panic.
    (x << shift | 1 << 23, 1 - shift as i32)
}

/// The nearest float of a number that is not 0, whose bit 63 is worth 2 to the exponent.
fn round(sign: u32, number: u64, exponent: i32) -> u32 {
    let shift = number.leading_zeros();
    let (mut number, mut exponent) = (number << shift, exponent - shift as i32);
    if exponent < 1 {
        let shift = (1 - exponent).min(63);
        let lost = number << (64 - shift) != 0;
        (number, exponent) = (number >> shift | u64::from(lost), 1);
    }
    let (mantissa, rest) = ((number >> 40) as u32, number << 24);
    let up = rest > 1 << 63 || rest == 1 << 63 && mantissa & 1 == 1;
    let magnitude = ((exponent as u32 - 1) << 23) + mantissa + u32::from(up);
    sign | if exponent < 255 { magnitude } else { INFINITY }
}

/// The first that is none, as a quiet one.
#[cold]
fn not_a_number(a: u32, b: u32) -> u32 {
    QUIET | if a & !SIGN > INFINITY { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::cases::Cases;
    use super::*;

    type Operation = (&'static str, extern "C" fn(u32, u32) -> u32, fn(f32, f32) -> f32);

    /// The operations beside those of the processor that runs the tests.
    const OPERATIONS: [Operation; 3] =
        [("+", add, |a, b| a + b), ("*", multiply, |a, b| a * b), ("/", divide, |a, b| a / b)];

    fn compare(a: u32, b: u32) {
        for (name, ours, theirs) in OPERATIONS {
            let (ours, theirs) = (ours(a, b), theirs(f32::from_bits(a), f32::from_bits(b)));
            let same = if theirs.is_nan() { ours & !SIGN > INFINITY } else { ours == theirs.to_bits() };
            assert!(same, "{a:#x} {name} {b:#x}: {ours:#x} instead of {:#x}", theirs.to_bits());
        }
    }

    #[test]
    fn edges_with_each_other() {
        let mut edges = std::vec![0x7f80_0001, NAN, NAN | 5];
        for exponent in [0, 1, 2, 23, 24, 103, 104, 126, 127, 128, 150, 151, 152, 230, 253, 254] {
            edges.extend(
                [0, 1, 2, 3, 0x3f_ffff, 0x40_0000, 0x40_0001, 0x7f_fffe, 0x7f_ffff].map(|m| exponent << 23 | m),
            );
        }
        edges.push(INFINITY);
        for (a, b) in edges.iter().flat_map(|a| edges.iter().map(move |b| (*a, *b))) {
            for (a, b) in [(a, b), (a, b | SIGN), (a | SIGN, b), (a | SIGN, b | SIGN)] {
                compare(a, b);
            }
        }
    }

    /// `TRAINLET_CASES=1000000000 cargo test --release -p trainlet --lib soft::tests` takes minutes.
    #[test]
    fn random_cases() {
        let count = std::env::var("TRAINLET_CASES").map_or(300_000, |count| count.parse().unwrap());
        let mut cases = Cases::new(0);
        (0..count).for_each(|_: u64| {
            let [a, b] = cases.pair();
            compare(a, b);
        });
    }

    #[test]
    fn not_a_number_keeps_the_first_and_is_quiet() {
        for operation in [add, multiply, divide] {
            assert_eq!(operation(0x7f80_0001, 0xffc0_0002), 0x7fc0_0001);
            assert_eq!(operation(0x3f80_0000, 0xff80_0002), 0xffc0_0002);
        }
        assert_eq!([add(INFINITY, INFINITY | SIGN), multiply(INFINITY, SIGN), divide(SIGN, 0)], [NAN; 3]);
    }
}
