//! Where a leaf stands in its tree.

use core::fmt;

/// A path into a parameter tree, a list on the stack. Displays with dots between its segments.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The tree itself; displays as nothing.
    Root,
    /// A field of a struct.
    Field(&'a Path<'a>, &'static str),
    /// An element of an array or a tuple.
    Index(&'a Path<'a>, usize),
    /// The same place, with this number of elements before those that follow.
    After(&'a Path<'a>, usize),
}

impl Path<'_> {
    /// Number of the residual block that it leads into, from 0: the index under a field named `blocks`.
    pub fn block(&self) -> Option<usize> {
        match self {
            Self::Root => None,
            Self::Field(parent, _) | Self::After(parent, _) => parent.block(),
            Self::Index(parent, index) => {
                parent.block().or_else(|| parent.elements_before().map(|before| before + index))
            }
        }
    }

    /// How many elements of a list of blocks come before those of this part of it; `None` if it is no such list.
    fn elements_before(&self) -> Option<usize> {
        match self {
            Self::Field(_, "blocks") => Some(0),
            Self::After(place, before) => place.elements_before().map(|_| *before),
            Self::Root | Self::Field(..) | Self::Index(..) => None,
        }
    }

    /// As Rust writes the place of a field behind the name of a variable: `.stem.blocks[0].weight`.
    pub fn in_rust(&self) -> impl fmt::Display {
        InRust(self)
    }

    fn is_root(&self) -> bool {
        match self {
            Self::Root => true,
            Self::After(place, _) => place.is_root(),
            Self::Field(..) | Self::Index(..) => false,
        }
    }
}

struct InRust<'a>(&'a Path<'a>);

impl fmt::Display for InRust<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Path::Root => Ok(()),
            Path::Field(parent, name) => write!(f, "{}.{name}", InRust(parent)),
            Path::Index(parent, index) => write!(f, "{}[{index}]", InRust(parent)),
            Path::After(place, _) => InRust(place).fmt(f),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parent = match self {
            Self::Root => return Ok(()),
            Self::After(place, _) => return place.fmt(f),
            Self::Field(parent, _) | Self::Index(parent, _) => parent,
        };
        if !parent.is_root() {
            write!(f, "{parent}.")?;
        }
        match self {
            Self::Field(_, name) => f.write_str(name),
            Self::Index(Self::After(_, before), index) => write!(f, "{}", before + index),
            Self::Index(_, index) => write!(f, "{index}"),
            Self::Root | Self::After(..) => Ok(()),
        }
    }
}
