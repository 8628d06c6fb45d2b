//! Instructions on several registers side by side.

/// An instruction on each of the listed registers, usually four; an operand may be one register for all.
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

/// The sum of four partial sums, in the first of them. In plain Rust they start from 0: so does one of these, or -0 would be
/// left of nothing but -0. `$zero` holds 0.
macro_rules! total {
    ([$s0:literal $s1:literal $s2:literal $s3:literal], $zero:literal) => {
        four!("vadd.f32" [$s0 $s2 $s0 $s0] [$s0 $s2 $s0 $s0] [$s1 $s3 $zero $s2])
    };
}
