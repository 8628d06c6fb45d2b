//! Values of which the compiler knows nothing.

/// As many bytes as are needed.
pub struct Memory(pub *mut u8);

impl Memory {
    #[expect(clippy::mut_from_ref, reason = "it is never run")]
    pub fn value<T>(&self) -> &mut T {
        let any = core::hint::black_box(self.0).cast::<T>();
        // SAFETY: it is never run.
        unsafe { &mut *any }
    }
}
