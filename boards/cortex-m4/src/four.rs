//! Instructions on four registers side by side.

/// An instruction on each of four registers; an operand may be one register for all.
macro_rules! four {
    ($name:literal [$($to:literal)*] [$($from:literal)*]) => {
        concat!($($name, " ", $to, ", ", $from, "\n"),*)
    };
    ($name:literal [$($to:literal)*] [$($left:literal)*] [$($right:literal)*]) => {
        concat!($($name, " ", $to, ", ", $left, ", ", $right, "\n"),*)
    };
    ($name:literal [$($to:literal)*] [$($left:literal)*] $right:literal) => {
        concat!($($name, " ", $to, ", ", $left, ", ", $right, "\n"),*)
    };
    ($name:literal [$($to:literal)*] $left:literal [$($right:literal)*]) => {
        concat!($($name, " ", $to, ", ", $left, ", ", $right, "\n"),*)
    };
}
