//! Trees of parameters: a layer, a block and a whole network are plain structs of `f32` arrays, walked leaf by leaf.
//!
//! Gradients and the state of optimisers are flat: value number `i` belongs to the `i`-th of the values that are trained,
//! in the order of the walk. Leaves that are not trained have no place there.

use core::fmt;
use core::marker::PhantomData;

use crate::kernels::fast::sqrt;
use crate::rng::Key;

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

/// How a leaf starts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Init {
    /// U(-1/√fan_in, 1/√fan_in): PyTorch's default for linear layers and convolutions, weight and bias alike
    /// (Kaiming-uniform with a = √5).
    FanIn(usize),
    /// U(-√(3/n), √(3/n)), whose variance is 1/n: a sum of n products with values of variance 1 has it as well (LeCun et al.
    /// 1998).
    Variance(usize),
    /// Every value the same.
    Constant(f32),
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

/// A path into a parameter tree, a list on the stack. Displays with dots between its segments.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The tree itself; displays as nothing.
    Root,
    /// A field of a struct.
    Field(&'a Path<'a>, &'static str),
    /// An element of an array or a tuple.
    Index(&'a Path<'a>, usize),
    /// The same place, with so many elements before those that follow.
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

    fn is_root(&self) -> bool {
        match self {
            Self::Root => true,
            Self::After(place, _) => place.is_root(),
            Self::Field(..) | Self::Index(..) => false,
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

/// What a walk calls for each leaf: the leaf and the same array of all trees.
pub type Visit<'a, const TREES: usize> = &'a mut dyn FnMut(&Leaf, [&mut [f32]; TREES]);

/// A tree of named `f32` arrays. Derived by [`params!`](crate::params!).
pub trait Params: Sized {
    /// All zeros; a `static` of it lands in `.bss`.
    const ZERO: Self;
    /// Number of `f32`.
    const COUNT: usize;
    /// How many of them training changes: the length of a gradient.
    const TRAINED: usize;

    /// Walks `TREES` trees of one type side by side, as the subtree at `path`. The order of the leaves is fixed.
    fn walk_at<const TREES: usize>(path: &Path, trees: [&mut Self; TREES], visit: Visit<TREES>);

    /// Walks one tree that is only read, in the order of [`walk_at`](Self::walk_at).
    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32]));

    /// Walks `TREES` whole trees side by side.
    fn walk<const TREES: usize>(trees: [&mut Self; TREES], visit: Visit<TREES>) {
        Self::walk_at(&Path::Root, trees, visit);
    }

    /// Walks this whole tree without changing it.
    fn read(&self, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        self.read_at(&Path::Root, visit);
    }

    /// Walks the leaves that are trained; the last argument is the place of the leaf's first value in a gradient.
    fn walk_trained(&mut self, visit: &mut dyn FnMut(&Leaf, &mut [f32], usize)) {
        let mut first = 0;
        Self::walk([self], &mut |leaf, [values]| {
            if leaf.trained {
                visit(leaf, &mut *values, first);
                first += values.len();
            }
        });
    }

    /// Draws the starting values of every leaf; leaf number `i` of the walk draws from `key.child(i)`.
    fn init(&mut self, key: Key) {
        let mut ordinal = 0;
        Self::walk([self], &mut |leaf, [values]| {
            leaf.init.fill(values, key.child(ordinal));
            ordinal += 1;
        });
    }
}

impl Init {
    fn fill(self, values: &mut [f32], key: Key) {
        match self {
            Self::Constant(value) => values.fill(value),
            Self::FanIn(fan_in) => uniform(values, 1.0 / sqrt(fan_in as f32), key),
            Self::Variance(parts) => uniform(values, sqrt(3.0 / parts as f32), key),
        }
    }
}

/// Draws values between -`bound` and `bound`.
#[inline(never)]
fn uniform(values: &mut [f32], bound: f32, key: Key) {
    let mut stream = key.stream();
    for value in values {
        *value = (2.0 * stream.uniform() - 1.0) * bound;
    }
}

impl<P: Params, const N: usize> Params for [P; N] {
    const ZERO: Self = [P::ZERO; N];
    const COUNT: usize = N * P::COUNT;
    const TRAINED: usize = N * P::TRAINED;

    fn walk_at<const TREES: usize>(path: &Path, mut trees: [&mut Self; TREES], visit: Visit<TREES>) {
        for index in 0..N {
            P::walk_at(&Path::Index(path, index), trees.each_mut().map(|tree| &mut tree[index]), visit);
        }
    }

    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        for (index, element) in self.iter().enumerate() {
            element.read_at(&Path::Index(path, index), visit);
        }
    }
}

/// Nothing to train.
impl Params for () {
    const ZERO: Self = ();
    const COUNT: usize = 0;
    const TRAINED: usize = 0;
    fn walk_at<const TREES: usize>(_: &Path, _: [&mut Self; TREES], _: Visit<TREES>) {}
    fn read_at(&self, _: &Path, _: &mut dyn FnMut(&Leaf, &[f32])) {}
}

/// A choice made by type alone, such as an activation, has nothing to train.
impl<T> Params for PhantomData<T> {
    const ZERO: Self = PhantomData;
    const COUNT: usize = 0;
    const TRAINED: usize = 0;
    fn walk_at<const TREES: usize>(_: &Path, _: [&mut Self; TREES], _: Visit<TREES>) {}
    fn read_at(&self, _: &Path, _: &mut dyn FnMut(&Leaf, &[f32])) {}
}

macro_rules! params_of_tuple {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Params),+> Params for ($($name,)+) {
            const ZERO: Self = ($($name::ZERO,)+);
            const COUNT: usize = 0 $(+ $name::COUNT)+;
            const TRAINED: usize = 0 $(+ $name::TRAINED)+;

            fn walk_at<const TREES: usize>(path: &Path, mut trees: [&mut Self; TREES], visit: Visit<TREES>) {
                $($name::walk_at(&Path::Index(path, $index), trees.each_mut().map(|tree| &mut tree.$index), visit);)+
            }

            fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
                $(self.$index.read_at(&Path::Index(path, $index), visit);)+
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

/// Derives [`Params`] for a struct, one line per field in the order of the walk: `leaf(role, [shape], init)` for an
/// array of `f32`, named as the field is, and `tree(type, name)` for a field that is itself a tree; without a name
/// its leaves stand directly under the struct. A fourth argument of `leaf` is the condition under which it is trained.
///
/// ```
/// use trainlet::layer::Linear;
/// use trainlet::params::{Init, Params, Role};
///
/// struct Gate<const C: usize> {
///     scale: [f32; C],
///     linear: Linear<C, C>,
/// }
/// trainlet::params! {
///     [const C: usize] Gate<C> {
///         scale: leaf(Role::Weight, [C], Init::Constant(1.0)),
///         linear: tree(Linear<C, C>, "linear"),
///     }
/// }
/// assert_eq!(Gate::<3>::COUNT, 3 + 12);
/// ```
#[macro_export]
macro_rules! params {
    ([$($generics:tt)*] $type:ty { $($field:tt: $kind:ident($($rule:tt)*)),+ $(,)? }) => {
        impl<$($generics)*> $crate::params::Params for $type {
            const ZERO: Self = Self { $($field: $crate::params!(@zero $kind)),+ };
            const COUNT: usize = 0 $(+ $crate::params!(@count $kind($($rule)*)))+;
            const TRAINED: usize = 0 $(+ $crate::params!(@trained $kind($($rule)*)))+;

            fn walk_at<const TREES: usize>(
                path: &$crate::params::Path,
                mut trees: [&mut Self; TREES],
                visit: $crate::params::Visit<TREES>,
            ) {
                $(
                    let fields = trees.each_mut().map(|tree| &mut tree.$field);
                    $crate::params!(@walk $field path fields visit $kind($($rule)*));
                )+
            }

            fn read_at(
                &self,
                path: &$crate::params::Path,
                visit: &mut dyn FnMut(&$crate::params::Leaf, &[f32]),
            ) {
                $($crate::params!(@read $field path (&self.$field) visit $kind($($rule)*));)+
            }
        }
    };

    (@zero leaf) => { $crate::tensor::Tensor::ZERO };
    (@zero tree) => { $crate::params::Params::ZERO };

    (@count leaf($role:expr, [$($dim:expr),+], $init:expr $(, $trained:expr)?)) => { (1 $(* $dim)+) };
    (@count tree($type:ty $(, $name:expr)?)) => { <$type as $crate::params::Params>::COUNT };

    (@trained leaf($role:expr, [$($dim:expr),+], $init:expr)) => { (1 $(* $dim)+) };
    (@trained leaf($role:expr, [$($dim:expr),+], $init:expr, $trained:expr)) => {
        if $trained { 1 $(* $dim)+ } else { 0 }
    };
    (@trained tree($type:ty $(, $name:expr)?)) => { <$type as $crate::params::Params>::TRAINED };

    (@leaf $field:ident $path:ident $role:expr, $shape:expr, $init:expr) => {
        $crate::params!(@leaf $field $path $role, $shape, $init, true)
    };
    (@leaf $field:ident $path:ident $role:expr, $shape:expr, $init:expr, $trained:expr) => {
        &$crate::params::Leaf {
            path: &$crate::params::Path::Field($path, stringify!($field)),
            shape: &$shape,
            role: $role,
            init: $init,
            trained: $trained,
        }
    };
    (@path $path:ident) => { $path };
    (@path $path:ident $name:expr) => { &$crate::params::Path::Field($path, $name) };

    (@walk $field:ident $path:ident $fields:ident $visit:ident leaf($($rule:tt)*)) => {
        $visit(
            $crate::params!(@leaf $field $path $($rule)*),
            $fields.map(|array| $crate::tensor::Tensor::flat_mut(array)),
        )
    };
    (@walk $field:ident $path:ident $fields:ident $visit:ident tree($type:ty $(, $name:expr)?)) => {
        <$type as $crate::params::Params>::walk_at($crate::params!(@path $path $($name)?), $fields, $visit)
    };

    (@read $field:ident $path:ident ($value:expr) $visit:ident leaf($($rule:tt)*)) => {
        $visit(
            $crate::params!(@leaf $field $path $($rule)*),
            $crate::tensor::Tensor::flat($value),
        )
    };
    (@read $field:ident $path:ident ($value:expr) $visit:ident tree($type:ty $(, $name:expr)?)) => {
        $crate::params::Params::read_at($value, $crate::params!(@path $path $($name)?), $visit)
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Linear;
    use crate::rng::Purpose;
    use std::string::ToString;
    use std::vec::Vec;

    type Tree = ([Linear<3, 2>; 2], Linear<2, 5>);

    #[test]
    fn names_are_pytorchs_and_the_two_walks_agree() {
        let mut tree = Tree::ZERO;
        tree.init(Key::new(1, Purpose::Init));
        let (mut written, mut read) = (Vec::new(), Vec::new());
        let mut other = Tree::ZERO;
        Tree::walk([&mut tree, &mut other], &mut |leaf, [a, b]| {
            written.push((leaf.path.to_string(), leaf.shape.to_vec(), a.to_vec()));
            b.copy_from_slice(a);
        });
        other.read(&mut |leaf, values| read.push((leaf.path.to_string(), leaf.shape.to_vec(), values.to_vec())));
        assert_eq!(written, read);
        let names: Vec<_> = read.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["0.0.weight", "0.0.bias", "0.1.weight", "0.1.bias", "1.weight", "1.bias"]);
        assert_eq!(read.iter().map(|(.., values)| values.len()).sum::<usize>(), Tree::COUNT);
        assert!(read.iter().all(|(_, shape, values)| shape.iter().product::<usize>() == values.len()));
    }

    #[test]
    fn init_is_kaiming_uniform_over_the_fan_in() {
        let mut layer = Linear::<9, 4000>::ZERO;
        layer.init(Key::new(5, Purpose::Init));
        let values = layer.weight.as_flattened();
        let variance = values.iter().map(|w| w * w).sum::<f32>() / values.len() as f32;
        assert!(values.iter().all(|w| w.abs() <= 1.0 / 3.0));
        assert!((variance - 1.0 / 27.0).abs() < 5e-4, "{variance}");
        assert!(layer.bias.iter().any(|&b| b != 0.0), "PyTorch draws the bias too");
    }
}
