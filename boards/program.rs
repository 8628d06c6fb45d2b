//! The frame of a program, the same for all boards whose crates name it by its path: memory in a static, and the board.

/// Makes a program of the type of its memory and what runs with it: a function of the board and the memory that never returns.
#[macro_export]
macro_rules! program {
    ($memory:ty, $run:expr) => {
        static MEMORY: $crate::ConstStaticCell<$memory> = $crate::ConstStaticCell::new(<$memory>::ZERO);

        #[$crate::entry]
        fn main() -> ! {
            if let (Some(mut board), Some(memory)) = ($crate::ThisBoard::new(), MEMORY.try_take()) {
                ($run)(&mut board, memory)
            }
            loop {
                core::hint::spin_loop();
            }
        }
    };
}
