//! Functions that a desktop has once for each set of instructions that they gain from, and picks from as it runs.
//!
//! `multiversion! { fn … }` around a function leaves it as it is everywhere but on x86-64 with the features `asm` and `std`, where
//! it is compiled for every processor, for those with AVX2, and for those with AVX-512: the same operations on wider vectors, so
//! the same bits. (LLVM fuses a product with a sum only where it is told to.) Parameters are plain names; constants of a generic
//! function stand in square brackets, without `const`. `widest = "avx2";` before it leaves out AVX-512, where LLVM shuffles values into
//! registers of 512 bits for nothing.

#[cfg(all(feature = "asm", feature = "std", target_arch = "x86_64"))]
macro_rules! multiversion {
    (
        widest = $widest:literal;
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident $([$($constant:ident: $kind:ty),+])? ($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)?
        $body:block
    ) => {
        $(#[$attribute])*
        #[allow(unsafe_code)]
        $visibility fn $name $(<$(const $constant: $kind),+>)? ($($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            fn baseline $(<$(const $constant: $kind),+>)? ($($argument: $type),*) $(-> $result)? $body

            #[target_feature(enable = "avx2")]
            fn avx2 $(<$(const $constant: $kind),+>)? ($($argument: $type),*) $(-> $result)? {
                baseline$(::<$($constant),+>)?($($argument),*)
            }

            #[target_feature(enable = $widest)]
            fn widest $(<$(const $constant: $kind),+>)? ($($argument: $type),*) $(-> $result)? {
                baseline$(::<$($constant),+>)?($($argument),*)
            }

            match $crate::kernels::arch::multiversion::Instructions::of_this_processor() {
                $crate::kernels::arch::multiversion::Instructions::Baseline => baseline$(::<$($constant),+>)?($($argument),*),
                // SAFETY: this processor has AVX2.
                $crate::kernels::arch::multiversion::Instructions::Avx2 => unsafe { avx2$(::<$($constant),+>)?($($argument),*) },
                // SAFETY: this processor has AVX-512VL.
                $crate::kernels::arch::multiversion::Instructions::Avx512 => unsafe { widest$(::<$($constant),+>)?($($argument),*) },
            }
        }
    };
    ($($function:tt)*) => {
        $crate::kernels::arch::multiversion::multiversion! { widest = "avx512vl"; $($function)* }
    };
}

#[cfg(not(all(feature = "asm", feature = "std", target_arch = "x86_64")))]
macro_rules! multiversion {
    (widest = $widest:literal; $($function:tt)*) => {
        $crate::kernels::arch::multiversion::multiversion! { $($function)* }
    };
    (
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident $([$($constant:ident: $kind:ty),+])? ($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)?
        $body:block
    ) => {
        $(#[$attribute])*
        $visibility fn $name $(<$(const $constant: $kind),+>)? ($($argument: $type),*) $(-> $result)? $body
    };
}

pub(crate) use multiversion;

/// Sets of instructions, each with those of the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg(all(feature = "asm", feature = "std", target_arch = "x86_64"))]
pub enum Instructions {
    Baseline,
    Avx2,
    Avx512,
}

#[cfg(all(feature = "asm", feature = "std", target_arch = "x86_64"))]
impl Instructions {
    /// The most that this processor and the operating system have; the standard library looks but once.
    #[inline(always)]
    pub fn of_this_processor() -> Self {
        #[cfg(test)]
        if let Some(instructions) = LIMIT.get() {
            return instructions;
        }
        if std::is_x86_feature_detected!("avx512vl") {
            Self::Avx512
        } else if std::is_x86_feature_detected!("avx2") {
            Self::Avx2
        } else {
            Self::Baseline
        }
    }
}

#[cfg(all(test, feature = "asm", feature = "std", target_arch = "x86_64"))]
std::thread_local! {
    /// What a test allows.
    static LIMIT: core::cell::Cell<Option<Instructions>> = const { core::cell::Cell::new(None) };
}

#[cfg(all(test, feature = "asm", feature = "std", target_arch = "x86_64"))]
mod tests {
    use super::Instructions::{self, Avx2, Avx512, Baseline};
    use crate::kernels::adam::{AdamFactors, adam};
    use crate::kernels::arch;
    use crate::kernels::gelu::{gelu_backward, gelu_with_slope};
    use crate::kernels::matmul::{self, Matrix};
    use std::vec::Vec;
    use std::{eprintln, vec};

    impl Instructions {
        /// What `work` gives where there is no more than this.
        fn at_most<R>(self, work: impl FnOnce() -> R) -> R {
            super::LIMIT.set(Some(self));
            let result = work();
            super::LIMIT.set(None);
            result
        }
    }

    type Product = fn(&mut [f32], Matrix, Matrix, usize, usize);

    fn values(count: usize, seed: f32) -> Vec<f32> {
        (0..count).map(|i| 3.0 * libm::sinf(0.7 * i as f32 + seed)).collect()
    }

    /// Results of all that has several versions, for sizes that fill vectors and sizes that do not.
    fn results() -> Vec<u32> {
        let mut results = vec![];
        for (m, k, n) in [(1, 9, 7), (4, 16, 8), (9, 5, 12), (16, 16, 24), (17, 33, 31)] {
            let (a, b, c) = (values(m * k, 0.1), values(k * n, 0.2), values(m * n, 0.3));
            for (product, a_width, b_width) in [(matmul::nn as Product, k, n), (matmul::tn, m, n), (matmul::nt, k, k)] {
                let mut c = c.clone();
                product(&mut c, (&a, a_width), (&b, b_width), k, n);
                results.extend(c);
            }
            let (mut x, mut dy, mut sums) = (c.clone(), c.clone(), (values(n, 0.4), values(m, 0.5)));
            gelu_backward(&mut x, &mut dy);
            gelu_with_slope(&mut dy, &mut x);
            arch::add_column_sums(&mut sums.0, &x);
            arch::add_row_sums(&mut sums.1, &x, n);
            let (mut normalized, mut rstd) = (vec![0.0; m * n], vec![0.0; m]);
            arch::layer_norm(&c, &mut normalized, &mut rstd, &mut x, &sums.0, &values(n, 0.6), 1e-5);
            let (mut dweight, mut dbias) = (values(n, 0.7), values(n, 0.8));
            arch::affine_backward(&mut dy, &normalized, &sums.0, &mut dweight, &mut dbias);
            arch::normalize_backward(&mut dy, &normalized, &rstd, n);
            let (mut weights, mut moments) = (c.clone(), [c.clone(), c.iter().map(|c| c * c).collect()]);
            let [first, second] = &mut moments;
            adam(&mut weights, &dy, first, second, &mut AdamFactors::new([0.9, 0.999], 0.5, 1e-2, 1e-8));
            let [first, second] = moments;
            results.extend([x, dy, rstd, sums.1, dweight, dbias, weights, first, second].concat());
        }
        results.into_iter().map(f32::to_bits).collect()
    }

    #[test]
    fn all_instructions_give_the_same_bits() {
        let most = Instructions::of_this_processor();
        let baseline = Baseline.at_most(results);
        for instructions in [Avx2, Avx512] {
            if instructions as u8 > most as u8 {
                eprintln!("skipped: this processor has no {instructions:?}");
            } else {
                assert_eq!(instructions.at_most(results), baseline, "{instructions:?}");
            }
        }
    }
}
