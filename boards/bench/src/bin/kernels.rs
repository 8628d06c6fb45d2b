//! The arithmetic by itself.
#![no_std]
#![no_main]

use core::hint::black_box;

use static_cell::ConstStaticCell;
use trainlet::core::params::Params as _;
use trainlet::core::rng::{Key, Purpose};
use trainlet::kernels::bench::{gelu, gelu_backward};
use trainlet::kernels::matmul;
use trainlet::nn::layer::{Axis, LayerNorm, Linear};
use trainlet_bench::values::fill;
use trainlet_bench::window::window;
use trainlet_bench::{entry, succeed};

/// A product of 14 x 64 by 64 x 64 values.
struct Product {
    a: [f32; M * K],
    b: [f32; K * N],
    c: [f32; M * N],
}

const M: usize = 14;
const K: usize = 64;
const N: usize = 64;

static PRODUCT: ConstStaticCell<Product> =
    ConstStaticCell::new(Product { a: [0.0; M * K], b: [0.0; K * N], c: [0.0; M * N] });

impl Product {
    fn run(&mut self) {
        let Self { a, b, c } = self;
        [&mut a[..], b, c].into_iter().zip(0..).for_each(|(values, index)| fill(values, index));
        // Sizes that the compiler does not know: a copy of the product for them alone would be no measure.
        let [m, n, k] = black_box([M, N, K]);
        window(format_args!("matmul forward"), M * N * K, || matmul::nn(c, (a, k), (b, n), k, n));
        window(format_args!("matmul forward, twice"), 2 * M * N * K, || {
            matmul::nn(c, (a, k), (b, n), k, n);
            matmul::nn(c, (a, k), (b, n), k, n);
        });
        window(format_args!("matmul backward, input"), M * N * K, || matmul::nt(a, (c, n), (b, n), n, k));
        window(format_args!("matmul backward, weights"), M * N * K, || matmul::tn(b, (a, k), (c, n), m, n));
        black_box((a, b, c));
    }
}

/// The two layers of token mixing: `T` tokens of `C` channels, `H` hidden units per channel.
struct TokenMixing<const T: usize, const C: usize, const H: usize> {
    hidden: Linear<T, H>,
    output: Linear<H, T>,
    hidden_gradient: [f32; 512],
    output_gradient: [f32; 512],
    x: [[f32; C]; T],
    h: [[f32; C]; H],
}

static WATCH: ConstStaticCell<TokenMixing<16, 12, 16>> = ConstStaticCell::new(TokenMixing::ZERO);
static FLOW: ConstStaticCell<TokenMixing<14, 16, 14>> = ConstStaticCell::new(TokenMixing::ZERO);

impl<const T: usize, const C: usize, const H: usize> TokenMixing<T, C, H> {
    const ZERO: Self = Self {
        hidden: Linear::ZERO,
        output: Linear::ZERO,
        hidden_gradient: [0.0; 512],
        output_gradient: [0.0; 512],
        x: [[0.0; C]; T],
        h: [[0.0; C]; H],
    };

    fn run(&mut self) {
        let Self { hidden, output, hidden_gradient, output_gradient, x, h } = self;
        hidden.init(Key::new(1, Purpose::Init));
        output.init(Key::new(2, Purpose::Init));
        let (x, h) = (x.as_flattened_mut(), h.as_flattened_mut());
        fill(x, 3);
        let axis = Axis::Columns { width: C };
        let macs = 2 * T * C * H;
        let output_gradient = &mut output_gradient[..Linear::<H, T>::TRAINABLE];
        let hidden_gradient = &mut hidden_gradient[..Linear::<T, H>::TRAINABLE];
        window(format_args!("token mixing, {T} x {C}: forward"), macs, || {
            hidden.forward(axis, x, h);
            output.forward(axis, h, x);
        });
        window(format_args!("token mixing, {T} x {C}: backward"), 2 * macs, || {
            Linear::<H, T>::add_gradient(output_gradient, axis, h, x);
            output.input_gradient(axis, x, h);
            Linear::<T, H>::add_gradient(hidden_gradient, axis, x, h);
            hidden.input_gradient(axis, h, x);
        });
        black_box((hidden_gradient, output_gradient, x, h));
    }
}

/// GELU of the hidden values of channel mixing in `watch-12x1`.
struct Gelu {
    x: [f32; ELEMENTS],
    y: [f32; ELEMENTS],
}

const ELEMENTS: usize = 16 * 24;

static GELU: ConstStaticCell<Gelu> = ConstStaticCell::new(Gelu { x: [0.0; ELEMENTS], y: [0.0; ELEMENTS] });

impl Gelu {
    fn run(&mut self) {
        // Of a length that the compiler does not know.
        let (x, y) = black_box((&mut self.x[..], &mut self.y[..]));
        fill(x, 4);
        window(format_args!("GELU forward"), ELEMENTS, || gelu(x, y));
        // The value again, the slope, and its product with the gradient.
        window(format_args!("GELU backward"), ELEMENTS, || gelu_backward(x, y));
        black_box((x, y));
    }
}

/// Layer normalisation of the tokens of `watch-12x1`.
struct Norm {
    layer: LayerNorm<CHANNELS>,
    gradient: [f32; 2 * CHANNELS],
    x: [[f32; CHANNELS]; TOKENS],
    normalized: [[f32; CHANNELS]; TOKENS],
    rstd: [f32; TOKENS],
    y: [[f32; CHANNELS]; TOKENS],
}

const TOKENS: usize = 16;
const CHANNELS: usize = 12;

static NORM: ConstStaticCell<Norm> = ConstStaticCell::new(Norm {
    layer: LayerNorm::ZERO,
    gradient: [0.0; 2 * CHANNELS],
    x: [[0.0; CHANNELS]; TOKENS],
    normalized: [[0.0; CHANNELS]; TOKENS],
    rstd: [0.0; TOKENS],
    y: [[0.0; CHANNELS]; TOKENS],
});

impl Norm {
    fn run(&mut self) {
        let Self { layer, gradient, x, normalized, rstd, y } = self;
        layer.init(Key::new(5, Purpose::Init));
        fill(x.as_flattened_mut(), 6);
        window(format_args!("LayerNorm forward"), TOKENS * CHANNELS, || layer.forward(x, normalized, rstd, y));
        window(format_args!("LayerNorm backward"), TOKENS * CHANNELS, || layer.backward(gradient, normalized, rstd, y));
        black_box((gradient, y));
    }
}

#[entry]
fn main() -> ! {
    PRODUCT.take().run();
    WATCH.take().run();
    FLOW.take().run();
    GELU.take().run();
    NORM.take().run();
    succeed()
}
