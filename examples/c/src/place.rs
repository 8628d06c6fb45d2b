//! From the pointers of C to references.

use core::mem::offset_of;
use core::slice;

use crate::network::Learner;
use crate::{Memory, Status};

/// What lies in a trainer's memory.
#[repr(C)]
pub struct Place {
    /// [`READY`] once the trainer has been initialised: what else is in there may be anything before.
    ready: u32,
    learner: Learner,
}

const READY: u32 = u32::from_le_bytes(*b"TRNL");
const _: () = assert!(align_of::<Place>() <= align_of::<Memory>() && size_of::<Place>() <= size_of::<Memory>());
const _: () = assert!(offset_of!(Place, ready) == 0);

/// The learner of a trainer that has been initialised.
///
/// # Safety
/// The pointer is null or points at a trainer, which nobody else uses as long as `'a` lasts.
pub unsafe fn learner<'a>(trainer: *mut Memory) -> Result<&'a mut Learner, Status> {
    let place = trainer.cast::<Place>();
    if place.is_null() {
        return Err(Status::NullPointer);
    }
    // SAFETY: the memory of a trainer is large enough, see above, and any bits are a `u32`.
    if unsafe { (&raw const (*place).ready).read() } != READY {
        return Err(Status::NotInitialised);
    }
    // SAFETY: `started` has put a learner there.
    Ok(unsafe { &mut (*place).learner })
}

/// Puts a learner into the memory of a trainer, and makes it start a run.
///
/// # Safety
/// As [`learner`].
pub unsafe fn started<T: Into<Status>>(
    trainer: *mut Memory,
    start: impl FnOnce(&mut Learner) -> Result<(), T>,
) -> Result<(), Status> {
    let place = trainer.cast::<Place>();
    if place.is_null() {
        return Err(Status::NullPointer);
    }
    // SAFETY: the memory of a trainer is large enough, see above. `Learner::ZERO` is all zero bits; written as a value it might pass over the
    // stack.
    let place = unsafe {
        place.write_bytes(0, 1);
        &mut *place
    };
    start(&mut place.learner).map_err(Into::into)?;
    place.ready = READY;
    Ok(())
}

/// An array of numbers, or another value any bits of which are one.
///
/// # Safety
/// The pointer is null, or points at such a value that nobody changes as long as `'a` lasts.
pub unsafe fn value<'a, T>(pointer: *const impl Sized) -> Result<&'a T, Status> {
    // SAFETY: as the caller promises.
    unsafe { pointer.cast::<T>().as_ref() }.ok_or(Status::NullPointer)
}

/// The same to be changed.
///
/// # Safety
/// The pointer is null, or points at such a value that nobody else uses as long as `'a` lasts.
pub unsafe fn value_mut<'a, T>(pointer: *mut impl Sized) -> Result<&'a mut T, Status> {
    // SAFETY: as the caller promises.
    unsafe { pointer.cast::<T>().as_mut() }.ok_or(Status::NullPointer)
}

/// Bytes.
///
/// # Safety
/// The pointer is null, or points at this many bytes that nobody changes as long as `'a` lasts.
pub unsafe fn bytes<'a>(pointer: *const u8, length: usize) -> Result<&'a [u8], Status> {
    // SAFETY: as the caller promises.
    if pointer.is_null() { Err(Status::NullPointer) } else { Ok(unsafe { slice::from_raw_parts(pointer, length) }) }
}

/// The same to be written.
///
/// # Safety
/// The pointer is null, or points at this many bytes that nobody else uses as long as `'a` lasts.
pub unsafe fn bytes_mut<'a>(pointer: *mut u8, length: usize) -> Result<&'a mut [u8], Status> {
    // SAFETY: as the caller promises.
    if pointer.is_null() { Err(Status::NullPointer) } else { Ok(unsafe { slice::from_raw_parts_mut(pointer, length) }) }
}
