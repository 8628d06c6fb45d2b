//! Lines for whoever looks on: through the debug probe with the feature `defmt`, otherwise over the serial line.

use core::fmt;

use crate::board::Board;

/// Sends one line.
#[cfg(feature = "defmt")]
pub fn line<B: Board>(_: &mut B, text: fmt::Arguments) {
    defmt::println!("{}", defmt::Display2Format(&text));
}

/// Sends one line. Nobody need be listening: what the serial line does not take is lost.
#[cfg(not(feature = "defmt"))]
pub fn line<B: Board>(board: &mut B, text: fmt::Arguments) {
    use embedded_io::Write as _;
    let _ = board.serial().write_fmt(text);
    let _ = board.serial().write_all(b"\r\n");
    let _ = board.serial().flush();
}

/// A number with `D` decimals, at most 4: integers take a tenth of the code that `f32`'s own formatting takes. Below 0 and
/// what is no number show as 0.
pub struct Fixed<const D: u32>(pub f32);

impl<const D: u32> fmt::Display for Fixed<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u32.pow(D);
        let count = (self.0 * unit as f32 + 0.5) as u32;
        write!(f, "{}.", count / unit)?;
        let mut rest = count % unit;
        for place in (0..D).rev() {
            let power = 10_u32.pow(place);
            write!(f, "{}", rest / power)?;
            rest %= power;
        }
        Ok(())
    }
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
    use std::string::ToString;

    #[test]
    fn decimals_are_rounded_and_keep_their_zeros() {
        assert_eq!(
            [77.66, 0.0, 0.04, 0.05, 100.0].map(|x| Fixed::<1>(x).to_string()),
            ["77.7", "0.0", "0.0", "0.1", "100.0"]
        );
        assert_eq!([1.0203, 0.99996].map(|x| Fixed::<4>(x).to_string()), ["1.0203", "1.0000"]);
        assert_eq!([-1.0, f32::NAN].map(|x| Fixed::<3>(x).to_string()), ["0.000", "0.000"]);
    }
}
