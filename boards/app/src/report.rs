//! Lines of text for the user: through the debug probe with the feature `defmt`, otherwise over the serial line.

use core::fmt::{self, Write as _};

use crate::board::Board;

/// Sends one line.
#[cfg(feature = "defmt")]
pub fn line<B: Board>(_: &mut B, text: fmt::Arguments) {
    probe(text);
}

/// Sends one line. Errors of the serial line are ignored: nobody may be listening.
#[cfg(not(feature = "defmt"))]
#[inline(never)]
pub fn line<B: Board>(board: &mut B, text: fmt::Arguments) {
    use embedded_io::Write as _;
    let _ = board.serial().write_fmt(text);
    let _ = board.serial().write_all(b"\r\n");
    let _ = board.serial().flush();
}

/// Tells a debug probe alone: the serial line is for messages. Without the feature `defmt` nothing is said.
pub fn probe(text: fmt::Arguments) {
    #[cfg(feature = "defmt")]
    defmt::println!("{}", defmt::Display2Format(&text));
    #[cfg(not(feature = "defmt"))]
    let _ = text;
}

/// A count. Like everything that is printed here it avoids the formatting of `core`, which would take 2,000 bytes of a program.
pub struct Count(pub usize);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(f, self.0 as u32, 0)
    }
}

/// A number with `.1` decimals, at most 4. Negative numbers and NaN are shown as 0.
pub struct Fixed(pub f32, pub u32);

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value, decimals) = *self;
        let unit = (0..decimals).fold(1.0, |unit, _| unit * 10.0);
        decimal(f, (value * unit + 0.5) as u32, decimals as usize)
    }
}

/// A checksum, in eight hexadecimal digits.
pub struct Hex(pub u32);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = (0..8).rev().map(|place| self.0 >> (4 * place) & 15);
        digits.into_iter().try_for_each(|digit| f.write_char(char::from_digit(digit, 16).unwrap_or('0')))
    }
}

/// A name.
pub struct Name(pub &'static str);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The digits of `count`, the last `decimals` of them behind a point.
fn decimal(f: &mut fmt::Formatter<'_>, mut count: u32, decimals: usize) -> fmt::Result {
    let mut digits = ['0'; 10];
    let mut shown = 0;
    for digit in digits.iter_mut().rev() {
        *digit = char::from(b'0' + (count % 10) as u8);
        count /= 10;
        shown += 1;
        if count == 0 && shown > decimals {
            break;
        }
    }
    for (digit, left) in digits.into_iter().skip(digits.len() - shown).zip((1..=shown).rev()) {
        if left == decimals {
            f.write_char('.')?;
        }
        f.write_char(digit)?;
    }
    Ok(())
}

/// Bytes of stack, if the board can tell.
pub struct Stack(pub Option<usize>);

impl fmt::Display for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(bytes) => write!(f, "{bytes} of stack"),
            None => f.write_str("stack not measured"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;
    use std::string::ToString;

    #[test]
    fn decimals_are_rounded_and_keep_their_zeros() {
        assert_eq!(
            [77.66, 0.0, 0.04, 0.05, 100.0].map(|x| Fixed(x, 1).to_string()),
            ["77.7", "0.0", "0.0", "0.1", "100.0"]
        );
        assert_eq!([1.0203, 0.99996].map(|x| Fixed(x, 4).to_string()), ["1.0203", "1.0000"]);
        assert_eq!([-1.0, f32::NAN].map(|x| Fixed(x, 3).to_string()), ["0.000", "0.000"]);
    }

    #[test]
    fn whole_numbers_are_those_of_core() {
        for count in [0, 7, 10, 209, 30_552, u32::MAX] {
            assert_eq!(Count(count as usize).to_string(), count.to_string());
            assert_eq!(Hex(count).to_string(), format!("{count:08x}"));
        }
    }
}
