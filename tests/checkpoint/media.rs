//! Media that fail, and those without room.

use trainlet::checkpoint::{self, Error, Slice};

use crate::{advance, started, written};

/// Fails from byte number `after` on.
struct Failing<'a> {
    slice: Slice<'a>,
    after: usize,
}

impl embedded_io::ErrorType for Failing<'_> {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Read for Failing<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Self::Error> {
        self.after = self.after.checked_sub(bytes.len()).ok_or(embedded_io::ErrorKind::Other)?;
        Ok(self.slice.read(bytes).unwrap())
    }
}

impl embedded_io::Seek for Failing<'_> {
    fn seek(&mut self, position: embedded_io::SeekFrom) -> Result<u64, Self::Error> {
        Ok(self.slice.seek(position).unwrap())
    }
}

#[test]
fn a_medium_that_fails_before_values_are_put_in_place_changes_nothing() {
    let mut trainer = started();
    let file = written(&mut *trainer);
    (5..9).for_each(|step| advance(&mut *trainer, step));
    let before = written(&mut *trainer);
    // Header, contents, checksum, contents again.
    for after in 0..2 * file.len() - 28 {
        let mut medium = Failing { slice: Slice::new(&file), after };
        let result = checkpoint::read(&mut medium, &mut |archive| trainer.persist(archive));
        assert_eq!(result, Err(Error::Medium(embedded_io::ErrorKind::Other)));
    }
    assert!(written(&mut *trainer) == before);
}

/// Has room for this number of bytes.
struct Room(usize);

impl embedded_io::ErrorType for Room {
    type Error = core::convert::Infallible;
}

impl embedded_io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[test]
fn a_medium_without_room_is_an_error() {
    let mut trainer = started();
    let length = written(&mut *trainer).len();
    for room in [0, 23, 24, 100, length - 1] {
        let result = checkpoint::write(&mut Room(room), &mut |archive| trainer.persist(archive));
        assert_eq!(result, Err(Error::Full), "{room} of {length}");
    }
    assert_eq!(checkpoint::write(&mut Room(length), &mut |archive| trainer.persist(archive)), Ok(length as u32));
}
