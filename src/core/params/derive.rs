//! The walks of a struct, written out by a macro.

/// Derives [`Params`](crate::core::params::Params) for a struct, one line per field in the order of the walk:
/// `leaf(role, [shape], init)` for an array of `f32`, named as the field is, and `tree(type, name)` for a field that is
/// itself a tree; without a name its leaves stand directly under the struct. A fourth argument of `leaf` is the condition under
/// which it is trained. `as [branch, norm]` after the type gives its [`LABEL`](crate::core::params::Params::LABEL).
///
/// ```
/// use trainlet::nn::layer::Linear;
/// use trainlet::core::params::{Init, Params, Role};
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
    ([$($generics:tt)*] $type:ty $(as [$branch:expr, $norm:expr])? { $($field:tt: $kind:ident($($rule:tt)*)),+ $(,)? }) => {
        impl<$($generics)*> $crate::core::params::Params for $type {
            const ZERO: Self = Self { $($field: $crate::params!(@zero $kind)),+ };
            const COUNT: usize = 0 $(+ $crate::params!(@count $type, $field $kind($($rule)*)))+;
            const TRAINABLE: usize = 0 $(+ $crate::params!(@trained $type, $field $kind($($rule)*)))+;
            const LEAVES: usize = 0 $(+ $crate::params!(@leaves $kind($($rule)*)))+;
            $(const LABEL: $crate::core::params::Label = $crate::core::params::Label { branch: $branch, norm: $norm };)?

            fn walk_at(&mut self, path: &$crate::core::params::Path, visit: $crate::core::params::Visit) {
                $($crate::params!(@walk $field path (&mut self.$field) visit $kind($($rule)*));)+
            }

            fn read_at(
                &self,
                path: &$crate::core::params::Path,
                visit: &mut dyn FnMut(&$crate::core::params::Leaf, &[f32]),
            ) {
                $($crate::params!(@read $field path (&self.$field) visit $kind($($rule)*));)+
            }

            fn fields_at(&self, path: &$crate::core::params::Path, visit: $crate::core::params::VisitField) {
                $($crate::params!(
                    @fields &$crate::core::params::Path::Field(path, stringify!($field)), (&self.$field) visit $kind
                );)+
            }

            fn starts(visit: $crate::core::params::VisitStart) {
                $($crate::params!(@starts visit $kind($($rule)*));)+
            }
        }
    };

    (@zero leaf) => { $crate::core::tensor::Tensor::ZERO };
    (@zero tree) => { $crate::core::params::Params::ZERO };

    (@count $owner:ty, $field:tt leaf($role:expr, [$($dim:expr),+], $init:expr $(, $trained:expr)?)) => {
        $crate::core::params::length_of(stringify!($owner), stringify!($field), &[$($dim),+])
    };
    (@count $owner:ty, $field:tt tree($type:ty $(, $name:expr)?)) => { <$type as $crate::core::params::Params>::COUNT };

    (@trained $owner:ty, $field:tt leaf($role:expr, [$($dim:expr),+], $init:expr)) => {
        $crate::params!(@count $owner, $field leaf($role, [$($dim),+], $init))
    };
    (@trained $owner:ty, $field:tt leaf($role:expr, [$($dim:expr),+], $init:expr, $trained:expr)) => {
        if $trained { $crate::params!(@count $owner, $field leaf($role, [$($dim),+], $init)) } else { 0 }
    };
    (@trained $owner:ty, $field:tt tree($type:ty $(, $name:expr)?)) => {
        <$type as $crate::core::params::Params>::TRAINABLE
    };

    (@leaves leaf($role:expr, [$($dim:expr),+], $init:expr)) => { 1 };
    (@leaves leaf($role:expr, [$($dim:expr),+], $init:expr, $trained:expr)) => { if $trained { 1 } else { 0 } };
    (@leaves tree($type:ty $(, $name:expr)?)) => { <$type as $crate::core::params::Params>::LEAVES };

    (@starts $visit:ident leaf($role:expr, [$($dim:expr),+], $init:expr)) => { $visit(1 $(* $dim)+, true) };
    (@starts $visit:ident leaf($role:expr, [$($dim:expr),+], $init:expr, $trained:expr)) => { $visit(1 $(* $dim)+, $trained) };
    (@starts $visit:ident tree($type:ty $(, $name:expr)?)) => { <$type as $crate::core::params::Params>::starts($visit) };

    (@leaf $field:ident $path:ident $role:expr, $shape:expr, $init:expr) => {
        $crate::params!(@leaf $field $path $role, $shape, $init, true)
    };
    (@leaf $field:ident $path:ident $role:expr, $shape:expr, $init:expr, $trained:expr) => {
        &$crate::core::params::Leaf {
            path: &$crate::core::params::Path::Field($path, stringify!($field)),
            shape: &$shape,
            role: $role,
            init: $init,
            trained: $trained,
        }
    };
    (@path $path:ident) => { $path };
    (@path $path:ident $name:expr) => { &$crate::core::params::Path::Field($path, $name) };

    (@walk $field:ident $path:ident ($value:expr) $visit:ident leaf($($rule:tt)*)) => {
        $visit(
            $crate::params!(@leaf $field $path $($rule)*),
            $crate::core::tensor::Tensor::flat_mut($value),
        )
    };
    (@walk $field:ident $path:ident ($value:expr) $visit:ident tree($type:ty $(, $name:expr)?)) => {
        $crate::core::params::Params::walk_at($value, $crate::params!(@path $path $($name)?), $visit)
    };

    (@read $field:ident $path:ident ($value:expr) $visit:ident leaf($($rule:tt)*)) => {
        $visit(
            $crate::params!(@leaf $field $path $($rule)*),
            $crate::core::tensor::Tensor::flat($value),
        )
    };
    (@read $field:ident $path:ident ($value:expr) $visit:ident tree($type:ty $(, $name:expr)?)) => {
        $crate::core::params::Params::read_at($value, $crate::params!(@path $path $($name)?), $visit)
    };

    (@fields $path:expr, ($value:expr) $visit:ident leaf) => {
        $visit($path, $crate::core::params::Field::Leaf($crate::core::tensor::shape($value)))
    };
    (@fields $path:expr, ($value:expr) $visit:ident tree) => {
        $crate::core::params::Params::fields_at($value, $path, $visit)
    };
}
