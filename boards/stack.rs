//! How much stack some work takes: the free part is painted, and looked at afterwards. For all boards whose crates name it
//! by its path, since `boards/app` has no unsafe code.

const PAINT: u32 = 0xcccc_cccc;

/// A stack that grows downwards.
#[derive(Clone, Copy, Debug)]
pub struct Stack {
    /// Its last word.
    pub end: *mut u32,
    /// Gives the stack pointer; must be inlined.
    pub pointer: fn() -> usize,
}

impl Stack {
    /// Does the work and gives the most bytes of stack that it took.
    ///
    /// # Safety
    /// From `end` up to the stack pointer there must be writable memory that nobody else uses, nor an interrupt meanwhile.
    #[inline(never)]
    pub unsafe fn measure<R>(self, work: impl FnOnce() -> R) -> (R, usize) {
        // SAFETY: passed on.
        unsafe { self.paint() };
        let result = call(work);
        // SAFETY: passed on.
        (result, (self.pointer)().saturating_sub(unsafe { self.lowest_touched() } as usize))
    }

    /// Paints from the end of the stack up to what is in use here.
    #[inline(never)]
    unsafe fn paint(self) {
        let top = ((self.pointer)() - MARGIN) as *mut u32;
        let mut word = self.end;
        while word < top {
            // SAFETY: by the caller's word.
            unsafe { word.write_volatile(PAINT) };
            word = word.wrapping_add(1);
        }
    }

    unsafe fn lowest_touched(self) -> *mut u32 {
        let mut word = self.end;
        // SAFETY: readable up to the stack pointer, where a word that is in use ends the search at the latest.
        while (word as usize) < (self.pointer)() && unsafe { word.read_volatile() } == PAINT {
            word = word.wrapping_add(1);
        }
        word
    }
}

/// Not inlined, so that all that the work keeps on the stack is below the stack pointer of [`Stack::measure`].
#[inline(never)]
fn call<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// What painting may itself have put below the stack pointer that it reads, in bytes; far less than any work takes.
const MARGIN: usize = 64;
