//! The lambda layer.

mod window;

use core::ops::Range;

use crate::core::layout::{Layout, front, split_at};
use window::{heard, rows, rows_mut, taps};

use crate::core::params::{Init, Role};
use crate::core::size::{Cost, max, min};
use crate::core::tensor::Tensor;
use crate::kernels::arch::{add_scaled, copy, fill};
use crate::kernels::matmul;
use crate::kernels::softmax::{softmax, softmax_backward};

/// A lambda layer (Bello 2021, [arXiv 2102.08602](https://arxiv.org/abs/2102.08602)) from a stream `[N tokens][IN channels]`
/// to `[N][HEADS V]`: each token makes a query per head and applies to it a linear map, its lambda, that is made of all tokens.
/// How tokens are mixed thus depends on the data, and no token is compared with another one.
///
/// ```text
/// y[n][a V + j] = Σ_κ q[n][a][κ] (content[κ][j] + position[n][κ][j])
/// content[κ][j] = Σ_b Σ_m softmax over m (key[b][κ][m]) value[b][m][j]
/// position[n][κ][j] = Σ_b Σ_m weight[b][m - n + R/2][κ] value[b][m][j]
/// ```
///
/// All heads share a token's lambda.
///
/// - `N`: tokens
/// - `IN`: channels of the input
/// - `HEADS`: queries of a token
/// - `K`: values of a query, the depth
/// - `V`: channels of the output per head
/// - `U`: the intra-depth, the number of keys and values per token that a lambda sums over
/// - `R`: taps of the window of positions that a token hears, an odd number: `2 N - 1` is all of them, fewer are a neighbourhood
///
/// The source normalises queries and values over a batch. Here nothing is normalised: the layer stands behind a LayerNorm, so
/// the starting values set the scale, and normalising the `K` values of one query would lose its magnitude and cost RAM in the
/// backward pass.
pub struct Lambda<
    const N: usize,
    const IN: usize,
    const HEADS: usize,
    const K: usize,
    const V: usize,
    const U: usize,
    const R: usize,
> {
    /// `[head][depth][in]`
    pub query: [[[f32; IN]; K]; HEADS],
    /// `[intra][depth][in]`
    pub key: [[[f32; IN]; K]; U],
    /// `[intra][value][in]`
    pub value: [[[f32; IN]; V]; U],
    /// `[intra][tap][depth]`, tap number `R / 2` for the token itself
    pub position: [[[f32; K]; R]; U],
}

crate::params! {
    [const N: usize, const IN: usize, const HEADS: usize, const K: usize, const V: usize, const U: usize, const R: usize]
    Lambda<N, IN, HEADS, K, V, U, R> as ["lambda", "lambda_norm"] {
        query: leaf(Role::Weight, [HEADS * K, IN], Init::Variance(IN * K)),
        key: leaf(Role::Weight, [U * K, IN], Init::Variance(IN)),
        value: leaf(Role::Weight, [U * V, IN], Init::Variance(IN)),
        position: leaf(Role::Weight, [U, R, K], Init::Variance(min(R, N) * K * U)),
    }
}

/// Sizes in `f32`, and multiply-accumulates. Windows are flat: keys are `[intra][depth][token]`, values `[intra][token][value]`, a
/// lambda is `[depth][value]`.
impl<
    const N: usize,
    const IN: usize,
    const HEADS: usize,
    const K: usize,
    const V: usize,
    const U: usize,
    const R: usize,
> Lambda<N, IN, HEADS, K, V, U, R>
{
    /// Queries of all tokens, then what they have in common: softmax of the keys, values, and the content lambda.
    const SAVED: Layout<4> = Layout([N * HEADS * K, U * K * N, U * N * V, K * V]);
    /// What all tokens have in common, then queries of a single token, and its lambda.
    const INFER: Layout<5> = Layout([U * K * N, U * N * V, K * V, HEADS * K, K * V]);
    /// Gradients of the values and of the content lambda. A token's lambda and its gradient, or the gradient of the keys, follow.
    const GRADIENTS: Layout<2> = Layout([U * N * V, K * V]);

    /// What is kept from forward to backward is queries and context, not one of the `N` lambdas. The position lambdas are
    /// computed twice in training.
    pub const COST: Cost = {
        assert!(
            HEADS > 0 && K > 0 && V > 0 && U > 0,
            "a lambda layer needs heads, depths and an intra-depth of at least 1"
        );
        assert!(
            !R.is_multiple_of(2) && R < 2 * N,
            "the window of positions must be odd and at most 2 N - 1, which is all"
        );
        let [projections, positions, content, queries] = Self::PARTS;
        let macs = projections + positions + content + queries;
        Cost {
            saved: Self::SAVED.total(),
            scratch: Self::GRADIENTS.total() + max(2 * K * V, K * N),
            infer_scratch: Self::INFER.total(),
            macs,
            train_macs: 3 * macs + positions,
            ..Cost::of::<Self>()
        }
    };

    /// Products of queries, keys and values; of the position lambdas; of the content lambda; and of queries with lambdas.
    const PARTS: [usize; 4] = {
        let (mut pairs, mut n) = (0, 0);
        while n < N {
            let Range { start, end } = heard::<N, R>(n);
            pairs += end - start;
            n += 1;
        }
        [N * IN * (HEADS * K + U * K + U * V), pairs * U * K * V, N * U * K * V, N * HEADS * K * V]
    };
}

impl<
    const N: usize,
    const IN: usize,
    const HEADS: usize,
    const K: usize,
    const V: usize,
    const U: usize,
    const R: usize,
> Lambda<N, IN, HEADS, K, V, U, R>
{
    /// Evaluation for `IN` = `HEADS V`: `x` becomes y.
    #[inline(never)]
    pub fn infer(&self, x: &mut [f32], scratch: &mut [f32]) {
        let ([keys, values, content, query, lambda], _) = Self::INFER.split(scratch);
        self.context(x, keys, values, content);
        for (n, x) in x.chunks_exact_mut(IN.max(1)).enumerate() {
            self.queries(x, query);
            self.lambda(n, values, content, lambda);
            apply::<K, V>(lambda, query, x);
        }
    }

    /// The first half of a training pass: all that is seen of the input `x`. It may be overwritten then.
    #[inline(never)]
    pub fn project(&self, x: &[f32], saved: &mut [f32]) {
        let ([queries, keys, values, content], _) = Self::SAVED.split(saved);
        self.queries(x, queries);
        self.context(x, keys, values, content);
    }

    /// The second half: writes the output `y` from what [`project`](Self::project) has saved.
    #[inline(never)]
    pub fn mix(&self, y: &mut [f32], saved: &mut [f32], scratch: &mut [f32]) {
        let ([queries, _, values, content], _) = Self::SAVED.split(saved);
        let lambda = front(scratch, K * V);
        let queries = queries.chunks_exact((HEADS * K).max(1));
        for (n, (queries, y)) in queries.zip(y.chunks_exact_mut((HEADS * V).max(1))).enumerate() {
            self.lambda(n, values, content, lambda);
            apply::<K, V>(lambda, queries, y);
        }
    }

    /// The backward pass of [`mix`](Self::mix): queries, keys and values in `saved` become their gradients; adds to `grad`,
    /// which is that of all parameters.
    #[inline(never)]
    pub fn mix_backward(&self, grad: &mut [f32], dy: &[f32], saved: &mut [f32], scratch: &mut [f32]) {
        let (_, grad) = split_at(grad, Self::PROJECTIONS);
        let ([queries, keys, values, content], _) = Self::SAVED.split(saved);
        let ([dvalues, dcontent], scratch) = Self::GRADIENTS.split(scratch);
        fill(dvalues, 0.0);
        fill(dcontent, 0.0);
        {
            let ([lambda, dlambda], _) = Layout([K * V, K * V]).split(scratch);
            let queries = queries.chunks_exact_mut((HEADS * K).max(1));
            for (n, (query, dy)) in queries.zip(dy.chunks_exact((HEADS * V).max(1))).enumerate() {
                self.lambda(n, values, content, lambda);
                fill(dlambda, 0.0);
                matmul::tn(dlambda, (query, K), (dy, V), HEADS, V);
                add_scaled(dcontent, dlambda, 1.0);
                self.position_backward(n, grad, values, dlambda, dvalues);
                fill(query, 0.0);
                matmul::nt(query, (dy, V), (lambda, V), V, K);
            }
        }
        content_backward::<N, K, V>([keys, values], dcontent, dvalues, front(scratch, K * N));
    }

    /// The backward pass of [`project`](Self::project) from what [`mix_backward`](Self::mix_backward) has left in `saved`:
    /// writes the gradient of its input `x` to `dx`; adds to `grad`, which is that of all parameters.
    #[inline(never)]
    pub fn project_backward(&self, grad: &mut [f32], x: &[f32], dx: &mut [f32], saved: &mut [f32]) {
        let ([dqueries, dkeys, dvalues, _], _) = Self::SAVED.split(saved);
        let ([dquery, dkey], dvalue) = Layout([HEADS * K * IN, U * K * IN]).split(grad);
        let (dkeys, dvalues) = (dkeys.chunks_exact((K * N).max(1)), dvalues.chunks_exact((N * V).max(1)));
        fill(dx, 0.0);
        matmul::nn(dx, (dqueries, HEADS * K), (self.query.flat(), IN), HEADS * K, IN);
        matmul::tn(dquery, (dqueries, HEADS * K), (x, IN), N, IN);
        for ((weight, grad), dkeys) in self.key.iter().zip(dkey.chunks_exact_mut((K * IN).max(1))).zip(dkeys) {
            matmul::tn(dx, (dkeys, N), (weight.as_flattened(), IN), K, IN);
            matmul::nn(grad, (dkeys, N), (x, IN), N, IN);
        }
        for ((weight, grad), dvalues) in self.value.iter().zip(dvalue.chunks_exact_mut((V * IN).max(1))).zip(dvalues) {
            matmul::nn(dx, (dvalues, V), (weight.as_flattened(), IN), V, IN);
            matmul::tn(grad, (dvalues, V), (x, IN), N, IN);
        }
    }

    /// Parameters of queries, keys and values: all but the last.
    const PROJECTIONS: usize = (HEADS * K + U * K + U * V) * IN;

    /// Queries of as many tokens as `x` has.
    fn queries(&self, x: &[f32], queries: &mut [f32]) {
        fill(queries, 0.0);
        matmul::nt(queries, (x, IN), (self.query.flat(), IN), IN, HEADS * K);
    }

    /// What all tokens have in common.
    fn context(&self, x: &[f32], keys: &mut [f32], values: &mut [f32], content: &mut [f32]) {
        fill(content, 0.0);
        let weights = self.key.iter().zip(&self.value);
        let outputs = keys.chunks_exact_mut((K * N).max(1)).zip(values.chunks_exact_mut((N * V).max(1)));
        for ((key, value), (keys, values)) in weights.zip(outputs) {
            fill(keys, 0.0);
            matmul::nt(keys, (key.as_flattened(), IN), (x, IN), IN, N);
            keys.chunks_exact_mut(N.max(1)).for_each(|keys| {
                softmax(keys);
            });
            fill(values, 0.0);
            matmul::nt(values, (x, IN), (value.as_flattened(), IN), IN, V);
            matmul::nn(content, (keys, N), (values, V), N, V);
        }
    }

    /// The lambda of token `n`.
    fn lambda(&self, n: usize, values: &[f32], content: &[f32], lambda: &mut [f32]) {
        copy(lambda, content);
        let (taps, heard) = (taps::<N, R>(n), heard::<N, R>(n));
        for (position, values) in self.position.iter().zip(values.chunks_exact((N * V).max(1))) {
            let (taps, values) = (rows(position.as_flattened(), &taps, K), rows(values, &heard, V));
            matmul::tn(lambda, (taps, K), (values, V), heard.len(), V);
        }
    }

    /// What the position lambda of token `n` gives to the gradient of the positions, `grad`, and to that of the values.
    fn position_backward(&self, n: usize, grad: &mut [f32], values: &[f32], dlambda: &[f32], dvalues: &mut [f32]) {
        let (taps, heard) = (taps::<N, R>(n), heard::<N, R>(n));
        let positions = self.position.iter().zip(grad.chunks_exact_mut((R * K).max(1)));
        let values = values.chunks_exact((N * V).max(1)).zip(dvalues.chunks_exact_mut((N * V).max(1)));
        for ((position, grad), (values, dvalues)) in positions.zip(values) {
            matmul::nn(rows_mut(dvalues, &heard, V), (rows(position.as_flattened(), &taps, K), K), (dlambda, V), K, V);
            matmul::nt(rows_mut(grad, &taps, K), (rows(values, &heard, V), V), (dlambda, V), V, K);
        }
    }
}

/// The queries of a token, applied to its lambda.
fn apply<const K: usize, const V: usize>(lambda: &[f32], queries: &[f32], y: &mut [f32]) {
    fill(y, 0.0);
    matmul::nn(y, (queries, K), (lambda, V), K, V);
}

/// Keys, which were their softmax, and values become their gradients.
fn content_backward<const N: usize, const K: usize, const V: usize>(
    [keys, values]: [&mut [f32]; 2],
    dcontent: &[f32],
    dvalues: &mut [f32],
    dkeys: &mut [f32],
) {
    let dcontent = (dcontent, V);
    let values = values.chunks_exact_mut((N * V).max(1)).zip(dvalues.chunks_exact_mut((N * V).max(1)));
    for (keys, (values, dvalues)) in keys.chunks_exact_mut((K * N).max(1)).zip(values) {
        fill(dkeys, 0.0);
        matmul::nt(dkeys, dcontent, (values, V), V, N);
        matmul::tn(dvalues, (keys, N), dcontent, K, V);
        copy(values, dvalues);
        let rows = keys.chunks_exact_mut(N.max(1)).zip(dkeys.chunks_exact(N.max(1)));
        rows.for_each(|(keys, dkeys)| softmax_backward(keys, dkeys));
    }
}
