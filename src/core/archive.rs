//! What a run must keep to go on as if nothing had happened, shown piece by piece.
//!
//! A trainer, an optimiser or a metric has one method that shows its values to an [`Archive`], always in the same order. What the
//! archive does with them is its own business: it counts them, looks at their ranges, writes them down, or replaces them by what was
//! written. So what is written and what is read cannot drift apart. [`checkpoint`](crate::checkpoint) has the format around it.

mod failure;
mod shapes;

pub use failure::Failure;
pub(crate) use shapes::Shapes;

use core::mem::discriminant;

use crate::core::params::Leaf;
use crate::core::setting::Setting;

/// Is shown the values of a run; see the [module](self).
pub struct Archive<'a> {
    task: Task<'a>,
    failure: Option<Failure>,
}

/// Hands over bytes; an error ends the archive's work.
pub(crate) type Bytes<'a> = &'a mut dyn FnMut(&mut [u8]) -> Result<(), Failure>;

enum Task<'a> {
    /// Looks at ranges alone.
    Check,
    /// Counts bytes, and sums up which values there are, before they are written.
    Measure(&'a mut Shapes),
    /// Sums up which values there are, whatever they are.
    Compare(&'a mut Shapes),
    /// Hands the values over.
    Write(Bytes<'a>),
    /// Gets values and looks at them.
    Verify(Bytes<'a>),
    /// Gets values and puts them in place.
    Load(Bytes<'a>),
}

/// Values that are staged as bytes at a time.
const AT_A_TIME: usize = 16;

impl<'a> Archive<'a> {
    /// Looks at the ranges of settings, and nothing else.
    pub(crate) const fn check() -> Self {
        Self::of(Task::Check)
    }

    /// Counts the bytes, and sums up which values there are.
    pub(crate) const fn measure(shapes: &'a mut Shapes) -> Self {
        Self::of(Task::Measure(shapes))
    }

    /// Sums up which values there are, whatever they are.
    pub(crate) const fn compare(shapes: &'a mut Shapes) -> Self {
        Self::of(Task::Compare(shapes))
    }

    /// Hands over what is shown.
    pub(crate) const fn write(bytes: Bytes<'a>) -> Self {
        Self::of(Task::Write(bytes))
    }

    /// Gets what was written and looks at it; changes nothing.
    pub(crate) const fn verify(bytes: Bytes<'a>) -> Self {
        Self::of(Task::Verify(bytes))
    }

    /// Puts what was written in place.
    pub(crate) const fn load(bytes: Bytes<'a>) -> Self {
        Self::of(Task::Load(bytes))
    }

    const fn of(task: Task<'a>) -> Self {
        Self { task, failure: None }
    }

    /// What came of it.
    ///
    /// # Errors
    /// The first failure; nothing was handed over after it.
    pub fn result(self) -> Result<(), Failure> {
        self.failure.map_or(Ok(()), Err)
    }

    /// Whether values are replaced. What only exists between steps is to be forgotten then.
    pub fn replaces(&self) -> bool {
        matches!(self.task, Task::Load(_)) && self.failure.is_none()
    }

    /// Ends the work.
    pub fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// Ends the work unless values do not matter.
    fn refuse(&mut self, failure: Failure) {
        if !matches!(self.task, Task::Compare(_)) {
            self.fail(failure);
        }
    }

    /// Samples wait for a step if `waiting`: such a moment cannot be written.
    pub fn refuse_waiting(&mut self, waiting: bool) {
        if waiting && matches!(self.task, Task::Measure(_) | Task::Write(_)) {
            self.fail(Failure::SamplesWaiting);
        }
    }

    /// Begins a part with a name. Archives with other parts are those of something else.
    pub fn part(&mut self, name: &str) {
        if let Some(shapes) = self.shapes() {
            shapes.kept(name.as_bytes());
        }
    }

    /// A leaf of a tree of parameters, all of whose values are finite.
    #[inline(never)]
    pub fn leaf(&mut self, leaf: &Leaf, values: &mut [f32]) {
        if let Some(shapes) = self.shapes() {
            shapes.leaf(leaf);
        }
        self.values(values, true);
    }

    /// Finite numbers, little-endian.
    #[inline(never)]
    pub fn finite(&mut self, values: &mut [f32]) {
        self.kind(b"f", values.len());
        self.values(values, true);
    }

    /// Numbers of which any may be NaN or infinite.
    pub fn any(&mut self, values: &mut [f32]) {
        self.kind(b"n", values.len());
        self.values(values, false);
    }

    /// A number that somebody has set.
    #[inline(never)]
    pub fn setting(&mut self, setting: Setting, value: &mut f32) {
        self.kind(b"s", 1);
        let mut bytes = value.to_le_bytes();
        self.pass(&mut bytes);
        let shown = f32::from_le_bytes(bytes);
        if let Err(error) = setting.check(shown) {
            self.refuse(Failure::Setting(error));
        }
        if self.replaces() {
            *value = shown;
        }
    }

    /// Numbers of one setting.
    pub fn settings(&mut self, setting: Setting, values: &mut [f32]) {
        values.iter_mut().for_each(|value| self.setting(setting, value));
    }

    /// A whole number, little-endian.
    #[inline(never)]
    pub fn count(&mut self, value: &mut u32) {
        self.kind(b"u", 1);
        let mut bytes = value.to_le_bytes();
        self.pass(&mut bytes);
        if self.replaces() {
            *value = u32::from_le_bytes(bytes);
        }
    }

    /// Whole numbers.
    pub fn counts(&mut self, values: &mut [u32]) {
        values.iter_mut().for_each(|value| self.count(value));
    }

    /// A whole number of 64 bits, little-endian.
    pub fn long(&mut self, value: &mut u64) {
        self.kind(b"l", 1);
        let mut bytes = value.to_le_bytes();
        self.pass(&mut bytes);
        if self.replaces() {
            *value = u64::from_le_bytes(bytes);
        }
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, values: &mut [u8]) {
        self.kind(b"b", values.len());
        for piece in values.chunks_mut(AT_A_TIME) {
            let mut bytes = [0; AT_A_TIME];
            let bytes = bytes.get_mut(..piece.len()).unwrap_or_default();
            // Not `copy_from_slice`, which leaves a panic in code that is optimised for a board.
            bytes.iter_mut().zip(&*piece).for_each(|(byte, value)| *byte = *value);
            self.pass(bytes);
            if self.replaces() {
                piece.iter_mut().zip(bytes).for_each(|(value, byte)| *value = *byte);
            }
        }
    }

    /// A byte for a choice among `choices`: gives the one that was written, which is `chosen` unless values are read.
    #[inline(never)]
    pub fn variant(&mut self, chosen: u8, choices: u8) -> u8 {
        self.kind(b"v", usize::from(choices));
        let mut byte = [chosen];
        self.pass(&mut byte);
        if byte[0] < choices {
            return byte[0];
        }
        self.fail(Failure::Malformed);
        chosen
    }

    /// Yes or no.
    pub fn flag(&mut self, value: &mut bool) {
        let shown = self.variant(u8::from(*value), 2) == 1;
        if self.replaces() {
            *value = shown;
        }
    }

    /// A choice of an `enum`. `choices` has each of them once, with the values that it begins with when it is read; `visit` shows the
    /// values of the one that it is given.
    pub fn choice<T: Copy>(&mut self, value: &mut T, choices: &[T], visit: impl FnOnce(&mut T, &mut Self)) {
        let own = choices.iter().position(|choice| discriminant(choice) == discriminant(value));
        let own = own.unwrap_or_default() as u8;
        let shown = self.variant(own, choices.len() as u8);
        let mut inner = match choices.get(usize::from(shown)) {
            Some(choice) if shown != own => *choice,
            _ => *value,
        };
        let outer = self.pause(true);
        visit(&mut inner, self);
        self.pause(outer);
        if self.replaces() {
            *value = inner;
        }
    }

    /// A value that need not be there; one that is read begins as `empty`.
    pub fn option<T: Copy>(&mut self, value: &mut Option<T>, empty: T, visit: impl FnOnce(&mut T, &mut Self)) {
        let mut inner = value.unwrap_or(empty);
        let is_there = self.variant(u8::from(value.is_some()), 2) == 1;
        let outer = self.pause(true);
        if is_there {
            visit(&mut inner, self);
        }
        self.pause(outer);
        if self.replaces() {
            *value = is_there.then_some(inner);
        }
    }

    fn shapes(&mut self) -> Option<&mut Shapes> {
        match &mut self.task {
            Task::Measure(shapes) | Task::Compare(shapes) => Some(shapes),
            _ => None,
        }
    }

    /// Whether shapes are summed up no longer, or again; gives what was before.
    #[inline(never)]
    fn pause(&mut self, within_choice: bool) -> bool {
        self.shapes().is_some_and(|shapes| core::mem::replace(&mut shapes.within_choice, within_choice))
    }

    #[inline(never)]
    fn kind(&mut self, kind: &[u8], length: usize) {
        if let Some(shapes) = self.shapes() {
            shapes.kept(kind);
            shapes.kept(&(length as u32).to_le_bytes());
        }
    }

    fn values(&mut self, values: &mut [f32], finite: bool) {
        for piece in values.chunks_mut(AT_A_TIME) {
            let mut bytes = [0; 4 * AT_A_TIME];
            let (words, _) = bytes.as_chunks_mut::<4>();
            words.iter_mut().zip(&*piece).for_each(|(word, value)| *word = value.to_le_bytes());
            self.pass(bytes.get_mut(..4 * piece.len()).unwrap_or_default());
            let (words, _) = bytes.as_chunks::<4>();
            let shown = words.iter().map(|word| f32::from_le_bytes(*word)).take(piece.len());
            if finite && !shown.clone().all(f32::is_finite) {
                self.refuse(Failure::NotFinite);
            }
            if self.replaces() {
                piece.iter_mut().zip(shown).for_each(|(value, shown)| *value = shown);
            }
        }
    }

    #[inline(never)]
    fn pass(&mut self, shown: &mut [u8]) {
        if self.failure.is_some() {
            return;
        }
        let result = match &mut self.task {
            Task::Check => Ok(()),
            Task::Measure(shapes) | Task::Compare(shapes) => {
                shapes.bytes += shown.len() as u32;
                Ok(())
            }
            Task::Write(bytes) | Task::Verify(bytes) | Task::Load(bytes) => bytes(shown),
        };
        if let Err(failure) = result {
            self.fail(failure);
        }
    }
}
