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

    /// Visits its steps from the root on.
    pub fn segments(&self, visit: &mut dyn FnMut(Segment)) {
        match self {
            Self::Root => {}
            Self::After(place, _) => place.segments(visit),
            Self::Field(parent, name) => {
                parent.segments(visit);
                visit(Segment::Name(name));
            }
            Self::Index(parent, index) => {
                parent.segments(visit);
                let before = if let Self::After(_, before) = parent { *before } else { 0 };
                visit(Segment::Number(before + index));
            }
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

/// A step of a [`Path`], as PyTorch has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A field.
    Name(&'static str),
    /// An element, counted over all parts of its list.
    Number(usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut result, mut dot) = (Ok(()), "");
        self.segments(&mut |segment| {
            result = result.and_then(|()| match segment {
                Segment::Name(name) => write!(f, "{dot}{name}"),
                Segment::Number(number) => write!(f, "{dot}{number}"),
            });
            dot = ".";
        });
        result
    }
}
