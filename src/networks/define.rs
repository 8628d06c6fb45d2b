//! The macros that make networks of models.

/// Makes a network of a model: a struct around it with a name, the loss it is trained with, and the types of the memory that
/// trainers and predictors need.
///
/// A network that is trained as a whole is a line:
///
/// ```
/// use trainlet::networks::Network;
/// use trainlet::nn::head::DenseHead;
/// use trainlet::nn::loss::CrossEntropy;
/// use trainlet::nn::net::{Model, Net};
/// use trainlet::nn::stem::DenseStem;
///
/// trainlet::network!(
///     /// Three gestures from nine numbers.
///     pub Gesture = Net<1, 16, DenseStem<9, 24, 16>, (), DenseHead<16, 3>>; "gesture", CrossEntropy, "9 numbers, 3 gestures"
/// );
/// assert_eq!(Gesture::NAME, "gesture");
/// assert_eq!(size_of::<<Gesture as Network>::Arena>(), 4 * Gesture::ARENA);
/// ```
///
/// Behind it may stand any of the [variants](crate::networks::Family), in this order; those that are left out are the
/// network itself. The first four keep other activations for the backward pass, three train a part of the network, and the last
/// predicts from bytes.
///
/// ```
/// use trainlet::networks::Family;
/// use trainlet::nn::block::{BlockInput, Frozen, Keep, KeepSlopes, MixerBlock, Recompute};
/// use trainlet::nn::head::MeanHead;
/// use trainlet::nn::layer::{All, BitFit, Gelu};
/// use trainlet::nn::loss::CrossEntropy;
/// use trainlet::nn::net::Net;
/// use trainlet::nn::stem::PatchEmbedding;
/// use trainlet::quant::Quantized;
///
/// type Patches<W> = PatchEmbedding<3, 3, 1, 8, W>;
/// type Blocks<K, W> = [MixerBlock<3, 8, 4, 16, Gelu, K, W>; 1];
/// type Of<K, W> = Net<3, 8, Patches<W>, Blocks<K, W>, MeanHead<8, 3>>;
///
/// trainlet::network! {
///     /// Three gestures from three steps of three axes.
///     pub Gesture = Of<Keep, All>; "gesture", CrossEntropy, "Mixer for 3 steps of 3 axes, 3 gestures";
///     KeepSlopes = Of<KeepSlopes, All>,
///     Recompute = Of<Recompute, All>,
///     BlockInput = Of<BlockInput, All>,
///     Biases = Of<Keep, BitFit>,
///     Head = Net<3, 8, Frozen<Patches<All>>, Frozen<Blocks<Keep, All>>, MeanHead<8, 3>>,
///     Int8 = Quantized<Of<Keep, All>>,
/// }
/// assert!(Gesture::HAS_PARTS);
/// ```
///
/// [`mixer!`](crate::mixer!) writes all variants of a Mixer.
#[macro_export]
macro_rules! network {
    (
        $(#[$doc:meta])* $vis:vis $name:ident = $model:ty; $id:literal, $loss:ty, $about:literal
        $(;
            $(KeepSlopes = $slopes:ty,)?
            $(Recompute = $recompute:ty,)?
            $(BlockInput = $input:ty,)?
            $(Checkpoint = $checkpoint:ty,)?
            $(LastBlock = $last:ty,)?
            $(Biases = $biases:ty,)?
            $(Head = $head:ty,)?
            $(Int8 = $int8:ty,)?
        )?
    ) => {
        $crate::__wrap!($(#[$doc])* $vis $name, $model);
        const _: () = {
            $(
                $($crate::__wrap!(pub __KeepSlopes, $slopes);)?
                $($crate::__wrap!(pub __Recompute, $recompute);)?
                $($crate::__wrap!(pub __BlockInput, $input);)?
                $($crate::__wrap!(pub __Checkpoint, $checkpoint);)?
                $($crate::__wrap!(pub __LastBlock, $last);)?
                $($crate::__wrap!(pub __Biases, $biases);)?
                $($crate::__wrap!(pub __Head, $head);)?
                $(
                    $crate::__wrap!(pub __Int8, $int8);

                    impl $crate::quant::Quantize for $name {
                        type Quantized = __Int8;

                        fn quantize(&self, to: &mut __Int8) {
                            $crate::quant::Quantize::quantize(&self.0, &mut to.0);
                        }
                    }
                )?
            )?
            $crate::__family! {
                $name; $id, $loss, $about;
                $(
                    $(KeepSlopes = $crate::__second!($slopes, __KeepSlopes),)?
                    $(Recompute = $crate::__second!($recompute, __Recompute),)?
                    $(BlockInput = $crate::__second!($input, __BlockInput),)?
                    $(Checkpoint = $crate::__second!($checkpoint, __Checkpoint),)?
                    $(LastBlock = $crate::__second!($last, __LastBlock),)?
                    $(Biases = $crate::__second!($biases, __Biases),)?
                    $(Head = $crate::__second!($head, __Head),)?
                    $(Int8 = $crate::__second!($int8, __Int8),)?
                )?
            }
        };
    };
}

/// A network and its variants, whose types are there.
#[doc(hidden)]
#[macro_export]
macro_rules! __family {
    (
        $name:ident; $id:literal, $loss:ty, $about:literal;
        $(KeepSlopes = $slopes:ty,)?
        $(Recompute = $recompute:ty,)?
        $(BlockInput = $input:ty,)?
        $(Checkpoint = $checkpoint:ty,)?
        $(LastBlock = $last:ty,)?
        $(Biases = $biases:ty,)?
        $(Head = $head:ty,)?
        $(Int8 = $int8:ty,)?
    ) => {
        $crate::__memory!($name; $id, $loss, $about);
        $($crate::__memory!($slopes; $id, $loss, $about);)?
        $($crate::__memory!($recompute; $id, $loss, $about);)?
        $($crate::__memory!($input; $id, $loss, $about);)?
        $($crate::__memory!($checkpoint; $id, $loss, $about);)?
        $($crate::__memory!($last; $id, $loss, $about);)?
        $($crate::__memory!($biases; $id, $loss, $about);)?
        $($crate::__memory!($head; $id, $loss, $about);)?
        $($crate::__memory!($int8; $id, $loss, $about);)?

        $crate::__variants! {
            $name;
            $(KeepSlopes = $slopes,)?
            $(Recompute = $recompute,)?
            $(BlockInput = $input,)?
            $(Checkpoint = $checkpoint,)?
            $(LastBlock = $last,)?
            $(Biases = $biases,)?
            $(Head = $head,)?
            $(Int8 = $int8,)?
        }
    };
}

/// The variants of a network, all of which are networks by themselves.
#[doc(hidden)]
#[macro_export]
macro_rules! __variants {
    (
        $name:ident;
        $(KeepSlopes = $slopes:ty,)?
        $(Recompute = $recompute:ty,)?
        $(BlockInput = $input:ty,)?
        $(Checkpoint = $checkpoint:ty,)?
        $(LastBlock = $last:ty,)?
        $(Biases = $biases:ty,)?
        $(Head = $head:ty,)?
        $(Int8 = $int8:ty,)?
    ) => {
        impl $crate::networks::Family for $name {
            const HAS_PARTS: bool = {
                let parts: &[&str] = &[$(stringify!($last),)? $(stringify!($biases),)? $(stringify!($head),)?];
                !parts.is_empty()
            };
            type KeepSlopes = $crate::__last!(Self $(, $slopes)?);
            type Recompute = $crate::__last!(Self $(, $recompute)?);
            type BlockInput = $crate::__last!(Self $(, $input)?);
            type Checkpoint = $crate::__last!(Self $(, $checkpoint)?);
            type LastBlock = $crate::__last!(Self $(, $last)?);
            type Biases = $crate::__last!(Self $(, $biases)?);
            type Head = $crate::__last!(Self $(, $head)?);
            type Int8 = $crate::__last!(Self $(, $int8)?);
            const INT8: Option<fn(&Self, &mut Self::Int8)> = {
                let forms: &[fn(&Self, &mut Self::Int8)] =
                    &[$(|weights, to: &mut $int8| $crate::quant::Quantize::quantize(weights, to))?];
                match forms {
                    [quantize] => Some(*quantize),
                    _ => None,
                }
            };
        }
    };
}

/// The second of two types; the first only says that there is one.
#[doc(hidden)]
#[macro_export]
macro_rules! __second {
    ($first:ty, $second:ty) => {
        $second
    };
}

/// The second of two types, or the only one.
#[doc(hidden)]
#[macro_export]
macro_rules! __last {
    ($only:ty) => {
        $only
    };
    ($first:ty, $second:ty) => {
        $second
    };
}

/// The name of a model and the types of its memory.
#[doc(hidden)]
#[macro_export]
macro_rules! __memory {
    ($model:ty; $id:literal, $loss:ty, $about:literal) => {
        impl $crate::networks::Network for $model {
            const NAME: &'static str = $id;
            const ABOUT: &'static str = $about;
            type Loss = $loss;
            const LOSS: $loss = <$loss>::new();
            type Arena = [f32; <$model as $crate::nn::net::Model>::ARENA];
            type Online = [f32; <$model as $crate::nn::net::Model>::ONLINE_ARENA];
            type Infer = [f32; <$model as $crate::nn::net::Model>::INFER_ARENA];
            type F32 = [f32; <$model as $crate::core::params::Params>::TRAINABLE];
            type Bf16 = [$crate::optim::Bf16; <$model as $crate::core::params::Params>::TRAINABLE];
            type Block8 = [$crate::optim::Block8;
                <$model as $crate::core::params::Params>::TRAINABLE.div_ceil($crate::optim::Block8::LEN)];
            type Dog = $crate::optim::LayerDog<
                $crate::optim::Redrawn<Self>,
                { <$model as $crate::core::params::Params>::LEAVES },
            >;
            type Bits = [u32; <$model as $crate::core::params::Params>::TRAINABLE.div_ceil(32)];
        }
    };
}

/// A struct around a model, which is the same model in all respects.
#[doc(hidden)]
#[macro_export]
macro_rules! __wrap {
    ($(#[$doc:meta])* $vis:vis $name:ident, $model:ty) => {
        $(#[$doc])*
        $vis struct $name(pub $model);

        impl $crate::core::params::Params for $name {
            const ZERO: Self = Self(<$model as $crate::core::params::Params>::ZERO);
            const COUNT: usize = <$model as $crate::core::params::Params>::COUNT;
            const TRAINABLE: usize = <$model as $crate::core::params::Params>::TRAINABLE;
            const LEAVES: usize = <$model as $crate::core::params::Params>::LEAVES;

            fn walk_at(&mut self, path: &$crate::core::params::Path, visit: $crate::core::params::Visit) {
                $crate::core::params::Params::walk_at(&mut self.0, path, visit);
            }

            fn read_at(
                &self,
                path: &$crate::core::params::Path,
                visit: &mut dyn FnMut(&$crate::core::params::Leaf, &[f32]),
            ) {
                $crate::core::params::Params::read_at(&self.0, path, visit);
            }

            fn fields_at(&self, path: &$crate::core::params::Path, visit: $crate::core::params::VisitField) {
                let path = $crate::core::params::Path::Field(path, "0");
                $crate::core::params::Params::fields_at(&self.0, &path, visit);
            }

            fn starts(visit: $crate::core::params::VisitStart) {
                <$model as $crate::core::params::Params>::starts(visit);
            }
        }

        impl $crate::nn::net::Model for $name {
            type Input = <$model as $crate::nn::net::Model>::Input;
            type Output = <$model as $crate::nn::net::Model>::Output;
            const STREAM: usize = <$model as $crate::nn::net::Model>::STREAM;
            const COST: $crate::core::size::Cost = <$model as $crate::nn::net::Model>::COST;
            const GRAPH: $crate::nn::graph::Graph = <$model as $crate::nn::net::Model>::GRAPH;
            const INFER_ARENA: usize = <$model as $crate::nn::net::Model>::INFER_ARENA;

            fn infer(&self, input: &Self::Input, output: &mut Self::Output, arena: &mut [f32]) {
                $crate::nn::net::Model::infer(&self.0, input, output, arena);
            }

            fn forward(
                &self,
                input: &Self::Input,
                output: &mut Self::Output,
                arena: &mut [f32],
                pass: &$crate::nn::pass::Pass,
            ) {
                $crate::nn::net::Model::forward(&self.0, input, output, arena, pass);
            }

            fn backward(
                &self,
                grad: &mut [f32],
                input: &Self::Input,
                doutput: &Self::Output,
                arena: &mut [f32],
                pass: &$crate::nn::pass::Pass,
            ) {
                $crate::nn::net::Model::backward(&self.0, grad, input, doutput, arena, pass);
            }

            fn backward_update(
                &mut self,
                update: &mut $crate::nn::update::InPlaceUpdate,
                input: &Self::Input,
                doutput: &Self::Output,
                arena: &mut [f32],
                pass: &$crate::nn::pass::Pass,
            ) {
                $crate::nn::net::Model::backward_update(&mut self.0, update, input, doutput, arena, pass);
            }
        }
    };
}
