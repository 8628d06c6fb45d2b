//! Trees of parameters: a layer, a block and a whole network are plain structs of `f32` arrays, walked leaf by leaf.
//!
//! Gradients and the state of optimisers are flat: value number `i` belongs to the `i`-th of the values that are trained,
//! in the order of the walk. Leaves that are not trained have no place there.

mod derive;
pub(crate) mod flat;
mod init;
mod path;

pub use init::Init;
pub use path::{Path, Segment};

use core::marker::PhantomData;

use crate::core::archive::Archive;
use crate::core::message::Message;
use crate::core::rng::Key;

/// What a leaf is for; decides on weight decay and on noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Role {
    /// A matrix or kernel.
    Weight,
    /// An added vector.
    Bias,
    /// Scale or shift of a normalisation.
    Norm,
}

/// A named array of a parameter tree.
#[derive(Clone, Copy, Debug)]
pub struct Leaf<'a> {
    /// Where it stands in the tree; displays as PyTorch names it: `blocks.0.token_mixing.0.weight`.
    pub path: &'a Path<'a>,
    /// Its shape as PyTorch has it, `[out][in]` for a linear layer.
    pub shape: &'a [usize],
    /// What it is for.
    pub role: Role,
    /// How it starts.
    pub init: Init,
    /// Whether training changes it.
    pub trained: bool,
}

/// How the leaves of a tree are named where it is a residual branch of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// The branch, as in `blocks.0.token_mixing.0.weight`.
    pub branch: &'static str,
    /// The normalisation before it, as in `blocks.0.token_norm.weight`.
    pub norm: &'static str,
}

/// Number of values of a leaf. Stops the compiler if there are none: a width, a number of channels, classes, taps or tokens is 0.
#[doc(hidden)]
pub const fn length_of(owner: &str, field: &str, shape: &[usize]) -> usize {
    let (mut length, mut rest) = (1, shape);
    while let [dim, others @ ..] = rest {
        if *dim == 0 {
            Message::new("`")
                .text(field)
                .text("` of `")
                .text(owner)
                .text("` has no values: every width and every number of features, channels, classes, taps or tokens must be at least 1")
                .panic();
        }
        length *= *dim;
        rest = others;
    }
    length
}

/// What a walk calls for each leaf: the leaf and its values.
pub type Visit<'a> = &'a mut dyn FnMut(&Leaf, &mut [f32]);

/// What is called for the place of each leaf, and of what is in bytes: a path that [displays as Rust](Path::in_rust), and what is there.
pub type VisitField<'a> = &'a mut dyn FnMut(&Path, Field);

/// What is at a place in a struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// A leaf, in nested arrays of these lengths.
    Leaf(&'a [usize]),
    /// What no walk shows: rows of bytes of this length.
    Bytes(&'a [i8], usize),
}

/// What is called for each leaf: the number of its values, and whether it is trained.
pub type VisitStart<'a> = &'a mut dyn FnMut(usize, bool);

/// A tree of named `f32` arrays. Derived by [`params!`](crate::params!).
pub trait Params: Sized {
    /// All zeros; a `static` of it lands in `.bss`.
    const ZERO: Self;
    /// Number of `f32`.
    const COUNT: usize;
    /// How many of them training changes: the length of a gradient.
    const TRAINABLE: usize;
    /// How many leaves training changes; 0 if nobody has counted them.
    const LEAVES: usize = 0;
    /// The names where this tree is a residual branch.
    const LABEL: Label = Label { branch: "branch", norm: "norm" };

    /// Walks this tree, as the subtree at `path`. The order of the leaves is fixed.
    fn walk_at(&mut self, path: &Path, visit: Visit);

    /// Walks this tree without changing it, in the order of [`walk_at`](Self::walk_at).
    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32]));

    /// Shows in the same order where the leaves are in the struct: paths of Rust's fields, and the lengths of the nested arrays. What is in
    /// bytes is among them.
    /// It is there for programs that write a tree as source text; a tree without it cannot be written.
    fn fields_at(&self, _path: &Path, _visit: VisitField) {}

    /// Shows how many values each leaf has, and whether it is trained, in the order of the walk. It is there for
    /// [`Redrawn`](crate::optim::Redrawn); a tree without it cannot be drawn again.
    fn starts(_visit: VisitStart) {}

    /// Walks this whole tree.
    fn walk(&mut self, visit: Visit) {
        self.walk_at(&Path::Root, visit);
    }

    /// Walks this whole tree without changing it.
    fn read(&self, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        self.read_at(&Path::Root, visit);
    }

    /// Walks the leaves that are trained; the last argument is the place of the leaf's first value in a gradient.
    fn walk_trained(&mut self, visit: &mut dyn FnMut(&Leaf, &mut [f32], usize)) {
        let mut first = 0;
        self.walk(&mut |leaf, values| {
            if leaf.trained {
                visit(leaf, &mut *values, first);
                first += values.len();
            }
        });
    }

    /// Shows all values to `archive`, leaf by leaf.
    fn persist(&mut self, archive: &mut Archive) {
        self.walk(&mut |leaf, values| archive.leaf(leaf, values));
    }

    /// Draws the starting values of every leaf; leaf number `i` of the walk draws from `key.child(i)`.
    fn init(&mut self, key: Key) {
        let mut ordinal = 0;
        self.walk(&mut |leaf, values| {
            leaf.init.fill(values, key.child(ordinal));
            ordinal += 1;
        });
    }
}

impl<P: Params, const N: usize> Params for [P; N] {
    const ZERO: Self = [P::ZERO; N];
    const COUNT: usize = N * P::COUNT;
    const TRAINABLE: usize = N * P::TRAINABLE;
    const LEAVES: usize = N * P::LEAVES;

    fn walk_at(&mut self, path: &Path, visit: Visit) {
        for (index, element) in self.iter_mut().enumerate() {
            element.walk_at(&Path::Index(path, index), visit);
        }
    }

    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        for (index, element) in self.iter().enumerate() {
            element.read_at(&Path::Index(path, index), visit);
        }
    }

    fn fields_at(&self, path: &Path, visit: VisitField) {
        for (index, element) in self.iter().enumerate() {
            element.fields_at(&Path::Index(path, index), visit);
        }
    }

    fn starts(visit: VisitStart) {
        (0..N).for_each(|_| P::starts(visit));
    }
}

/// Nothing to train.
impl Params for () {
    const ZERO: Self = ();
    const COUNT: usize = 0;
    const TRAINABLE: usize = 0;
    fn walk_at(&mut self, _: &Path, _: Visit) {}
    fn read_at(&self, _: &Path, _: &mut dyn FnMut(&Leaf, &[f32])) {}
}

/// A choice made by type alone, such as an activation, has nothing to train.
impl<T> Params for PhantomData<T> {
    const ZERO: Self = PhantomData;
    const COUNT: usize = 0;
    const TRAINABLE: usize = 0;
    fn walk_at(&mut self, _: &Path, _: Visit) {}
    fn read_at(&self, _: &Path, _: &mut dyn FnMut(&Leaf, &[f32])) {}
}

macro_rules! params_of_tuple {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Params),+> Params for ($($name,)+) {
            const ZERO: Self = ($($name::ZERO,)+);
            const COUNT: usize = 0 $(+ $name::COUNT)+;
            const TRAINABLE: usize = 0 $(+ $name::TRAINABLE)+;
            const LEAVES: usize = 0 $(+ $name::LEAVES)+;

            fn walk_at(&mut self, path: &Path, visit: Visit) {
                $(self.$index.walk_at(&Path::Index(path, $index), visit);)+
            }

            fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
                $(self.$index.read_at(&Path::Index(path, $index), visit);)+
            }

            fn fields_at(&self, path: &Path, visit: VisitField) {
                $(self.$index.fields_at(&Path::Field(path, stringify!($index)), visit);)+
            }

            fn starts(visit: VisitStart) {
                $($name::starts(visit);)+
            }
        }
    };
}
params_of_tuple!(A 0);
params_of_tuple!(A 0, B 1);
params_of_tuple!(A 0, B 1, C 2);
params_of_tuple!(A 0, B 1, C 2, D 3);
params_of_tuple!(A 0, B 1, C 2, D 3, E 4);
params_of_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::Purpose;
    use crate::nn::layer::Linear;
    use std::string::ToString;
    use std::vec::Vec;

    type Tree = ([Linear<3, 2>; 2], Linear<2, 5>);

    #[test]
    fn names_are_pytorchs_and_the_two_walks_agree() {
        let mut tree = Tree::ZERO;
        tree.init(Key::new(1, Purpose::Init));
        let (mut written, mut read) = (Vec::new(), Vec::new());
        tree.walk(&mut |leaf, values| {
            written.push((leaf.path.to_string(), leaf.shape.to_vec(), values.to_vec()));
        });
        tree.read(&mut |leaf, values| read.push((leaf.path.to_string(), leaf.shape.to_vec(), values.to_vec())));
        assert_eq!(written, read);
        let names: Vec<_> = read.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["0.0.weight", "0.0.bias", "0.1.weight", "0.1.bias", "1.weight", "1.bias"]);
        assert_eq!(read.iter().map(|(.., values)| values.len()).sum::<usize>(), Tree::COUNT);
        assert!(read.iter().all(|(_, shape, values)| shape.iter().product::<usize>() == values.len()));
    }

    #[test]
    fn fields_are_rusts_in_the_order_of_the_walk() {
        let mut fields = Vec::new();
        Tree::ZERO.fields_at(&Path::Root, &mut |path, field| {
            if let Field::Leaf(shape) = field {
                fields.push((path.in_rust().to_string(), shape.to_vec()));
            }
        });
        let [matrix, vector, last] = [std::vec![2, 3], std::vec![2], std::vec![5, 2]];
        let expected = [(".0[0].weight", &matrix), (".0[0].bias", &vector), (".0[1].weight", &matrix)];
        assert_eq!(fields.len(), 6);
        for ((field, shape), (name, lengths)) in fields.iter().zip(expected) {
            assert_eq!((field.as_str(), shape), (name, lengths));
        }
        assert_eq!(fields[4], (".1.weight".into(), last));
    }
}
