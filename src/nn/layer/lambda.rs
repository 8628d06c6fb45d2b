//! The lambda layer.

use core::ops::Range;

use crate::core::params::{Init, Role};
use crate::core::tensor::{Tensor, Windows};
use crate::kernels::fast::{add_scaled, copy, fill};
use crate::kernels::matmul;
use crate::kernels::softmax::{softmax, softmax_backward};
use crate::nn::block::{max, min};

/// A lambda layer (Bello 2021, [arXiv 2102.08602](https://arxiv.org/abs/2102.08602)) from a stream `[N tokens][IN channels]`
/// to `[N][HEADS V]`: each token makes a query of `K` values per head and applies to it a linear map, its lambda, that is made
/// of all tokens. What is mixed how thus depends on the data, and no token is compared with another one.
///
/// ```text
/// y[n][a V + j] = Σ_κ q[n][a][κ] (content[κ][j] + position[n][κ][j])
/// content[κ][j] = Σ_b Σ_m softmax over m (key[b][κ][m]) value[b][m][j]
/// position[n][κ][j] = Σ_b Σ_m weight[b][m - n + R/2][κ] value[b][m][j]
/// ```
///
/// All heads share a token's lambda. `U` is the intra-depth: over so many keys and values per token a lambda sums. `R` taps, an
/// odd number, are the window of the positions that a token hears: `2 N - 1` is all of them, fewer are a neighbourhood.
///
/// The source normalises queries and values over a batch. Here nothing is normalised: the layer stands behind a LayerNorm, so
/// that the starting values alone can set the scale, and statistics of the `K` values of one query would take away how strong
/// it is, and cost RAM to go back.
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
    Lambda<N, IN, HEADS, K, V, U, R> {
        query: leaf(Role::Weight, [HEADS * K, IN], Init::Variance(IN * K)),
        key: leaf(Role::Weight, [U * K, IN], Init::Variance(IN)),
        value: leaf(Role::Weight, [U * V, IN], Init::Variance(IN)),
        position: leaf(Role::Weight, [U, R, K], Init::Variance(min(R, N) * K * U)),
    }
}

/// What all tokens have in common: softmax of the keys, values, and the content lambda.
type Context<const N: usize, const K: usize, const V: usize, const U: usize> =
    ([[[f32; N]; K]; U], [[[f32; V]; N]; U], [[f32; V]; K]);
/// Queries of a single token, and its lambda.
type Token<const HEADS: usize, const K: usize, const V: usize> = ([[f32; K]; HEADS], [[f32; V]; K]);
/// Queries of all tokens; the context follows.
type Queries<const N: usize, const HEADS: usize, const K: usize> = ([[[f32; K]; HEADS]; N],);
/// Gradients of the values and of the content lambda.
type Gradients<const N: usize, const K: usize, const V: usize, const U: usize> = ([[[f32; V]; N]; U], [[f32; V]; K]);
/// A token's lambda and its gradient.
type Pair<const K: usize, const V: usize> = ([[f32; V]; K], [[f32; V]; K]);

/// Sizes in `f32`, and multiply-accumulates.
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
    /// Kept from forward to backward: queries and context, not one of the `N` lambdas.
    pub const SAVED: usize = {
        assert!(
            HEADS > 0 && K > 0 && V > 0 && U > 0,
            "a lambda layer needs heads, depths and an intra-depth of at least 1"
        );
        assert!(
            !R.is_multiple_of(2) && R < 2 * N,
            "the window of positions must be odd and at most 2 N - 1, which is all"
        );
        Queries::<N, HEADS, K>::LEN + Context::<N, K, V, U>::LEN
    };
    /// Needed by [`mix`](Self::mix).
    pub const MIX: usize = K * V;
    /// Needed by [`mix_backward`](Self::mix_backward).
    pub const BACKWARD: usize = Gradients::<N, K, V, U>::LEN + max(Pair::<K, V>::LEN, K * N);
    /// Needed by [`infer`](Self::infer).
    pub const INFER: usize = Context::<N, K, V, U>::LEN + Token::<HEADS, K, V>::LEN;

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
    /// An evaluation.
    pub const MACS: usize = {
        let [projections, positions, content, queries] = Self::PARTS;
        projections + positions + content + queries
    };
    /// A training pass: the position lambdas are worked out twice.
    pub const TRAIN_MACS: usize = Self::MACS * 3 + Self::PARTS[1];
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
        let Some(((keys, values, content), scratch)) = Context::<N, K, V, U>::carve(scratch) else { return };
        let Some(((query, lambda), _)) = Token::<HEADS, K, V>::carve(scratch) else { return };
        self.context(x, keys, values, content);
        for (n, x) in x.chunks_exact_mut(IN.max(1)).enumerate() {
            self.queries(x, query.as_flattened_mut());
            self.lambda(n, values, content, lambda);
            apply(lambda, query.as_flattened(), x);
        }
    }

    /// The first half of a training pass: all that is seen of the input `x`. It may be overwritten then.
    #[inline(never)]
    pub fn project(&self, x: &[f32], saved: &mut [f32]) {
        let Some(((queries,), saved)) = Queries::<N, HEADS, K>::carve(saved) else { return };
        let Some(((keys, values, content), _)) = Context::<N, K, V, U>::carve(saved) else { return };
        self.queries(x, queries.as_flattened_mut().as_flattened_mut());
        self.context(x, keys, values, content);
    }

    /// The second half: writes the output `y` from what [`project`](Self::project) has saved.
    #[inline(never)]
    pub fn mix(&self, y: &mut [f32], saved: &mut [f32], scratch: &mut [f32]) {
        let Some(((queries,), saved)) = Queries::<N, HEADS, K>::carve(saved) else { return };
        let Some(((_, values, content), _)) = Context::<N, K, V, U>::carve(saved) else { return };
        let Some(((lambda,), _)) = <([[f32; V]; K],)>::carve(scratch) else { return };
        for (n, (queries, y)) in queries.iter().zip(y.chunks_exact_mut((HEADS * V).max(1))).enumerate() {
            self.lambda(n, values, content, lambda);
            apply(lambda, queries.as_flattened(), y);
        }
    }

    /// The backward pass of [`mix`](Self::mix): queries, keys and values in `saved` become their gradients; adds to `grad`,
    /// which is that of all parameters.
    #[inline(never)]
    pub fn mix_backward(&self, grad: &mut [f32], dy: &[f32], saved: &mut [f32], scratch: &mut [f32]) {
        let Some(grad) = grad.get_mut(Self::PROJECTIONS..) else { return };
        let Some(((queries,), saved)) = Queries::<N, HEADS, K>::carve(saved) else { return };
        let Some(((keys, values, content), _)) = Context::<N, K, V, U>::carve(saved) else { return };
        let Some(((dvalues, dcontent), scratch)) = Gradients::<N, K, V, U>::carve(scratch) else { return };
        fill(dvalues.as_flattened_mut().as_flattened_mut(), 0.0);
        fill(dcontent.as_flattened_mut(), 0.0);
        {
            let Some(((lambda, dlambda), _)) = Pair::<K, V>::carve(scratch) else { return };
            for (n, (query, dy)) in queries.iter_mut().zip(dy.chunks_exact((HEADS * V).max(1))).enumerate() {
                self.lambda(n, values, content, lambda);
                let (query, dlambda) = (query.as_flattened_mut(), dlambda.as_flattened_mut());
                fill(dlambda, 0.0);
                matmul::tn(dlambda, (query, K), (dy, V), HEADS, V);
                add_scaled(dcontent.as_flattened_mut(), dlambda, 1.0);
                self.position_backward(n, grad, values, dlambda, dvalues);
                fill(query, 0.0);
                matmul::nt(query, (dy, V), (lambda.as_flattened(), V), V, K);
            }
        }
        let Some(((dkeys,), _)) = <([[f32; N]; K],)>::carve(scratch) else { return };
        content_backward(keys, values, dcontent, dvalues, dkeys);
    }

    /// The backward pass of [`project`](Self::project) from what [`mix_backward`](Self::mix_backward) has left in `saved`:
    /// writes the gradient of its input `x` to `dx`; adds to `grad`, which is that of all parameters.
    #[inline(never)]
    pub fn project_backward(&self, grad: &mut [f32], x: &[f32], dx: &mut [f32], saved: &mut [f32]) {
        let Some(((dqueries,), saved)) = Queries::<N, HEADS, K>::carve(saved) else { return };
        let Some(((dkeys, dvalues, _), _)) = Context::<N, K, V, U>::carve(saved) else { return };
        let Some((dquery, grad)) = grad.split_at_mut_checked(HEADS * K * IN) else { return };
        let Some((dkey, dvalue)) = grad.split_at_mut_checked(U * K * IN) else { return };
        let dqueries = dqueries.as_flattened().as_flattened();
        fill(dx, 0.0);
        matmul::nn(dx, (dqueries, HEADS * K), (self.query.flat(), IN), HEADS * K, IN);
        matmul::tn(dquery, (dqueries, HEADS * K), (x, IN), N, IN);
        for ((weight, grad), dkeys) in self.key.iter().zip(dkey.chunks_exact_mut((K * IN).max(1))).zip(dkeys) {
            matmul::tn(dx, (dkeys.as_flattened(), N), (weight.as_flattened(), IN), K, IN);
            matmul::nn(grad, (dkeys.as_flattened(), N), (x, IN), N, IN);
        }
        for ((weight, grad), dvalues) in self.value.iter().zip(dvalue.chunks_exact_mut((V * IN).max(1))).zip(dvalues) {
            matmul::nn(dx, (dvalues.as_flattened(), V), (weight.as_flattened(), IN), V, IN);
            matmul::tn(grad, (dvalues.as_flattened(), V), (x, IN), N, IN);
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
    fn context(
        &self,
        x: &[f32],
        keys: &mut [[[f32; N]; K]; U],
        values: &mut [[[f32; V]; N]; U],
        content: &mut [[f32; V]; K],
    ) {
        fill(content.as_flattened_mut(), 0.0);
        let weights = self.key.iter().zip(&self.value);
        for ((key, value), (keys, values)) in weights.zip(keys.iter_mut().zip(values)) {
            fill(keys.as_flattened_mut(), 0.0);
            matmul::nt(keys.as_flattened_mut(), (key.as_flattened(), IN), (x, IN), IN, N);
            keys.iter_mut().for_each(|keys| {
                softmax(keys);
            });
            fill(values.as_flattened_mut(), 0.0);
            matmul::nt(values.as_flattened_mut(), (x, IN), (value.as_flattened(), IN), IN, V);
            matmul::nn(content.as_flattened_mut(), (keys.as_flattened(), N), (values.as_flattened(), V), N, V);
        }
    }

    /// The lambda of token `n`.
    fn lambda(&self, n: usize, values: &[[[f32; V]; N]; U], content: &[[f32; V]; K], lambda: &mut [[f32; V]; K]) {
        let lambda = lambda.as_flattened_mut();
        copy(lambda, content.as_flattened());
        for (position, values) in self.position.iter().zip(values) {
            let (Some(taps), Some(heard)) = (position.get(taps::<N, R>(n)), values.get(heard::<N, R>(n))) else {
                return;
            };
            matmul::tn(lambda, (taps.as_flattened(), K), (heard.as_flattened(), V), taps.len(), V);
        }
    }

    /// What the position lambda of token `n` gives to the gradient of the positions, `grad`, and to that of the values.
    fn position_backward(
        &self,
        n: usize,
        grad: &mut [f32],
        values: &[[[f32; V]; N]; U],
        dlambda: &[f32],
        dvalues: &mut [[[f32; V]; N]; U],
    ) {
        let grads = grad.as_chunks_mut::<K>().0.chunks_exact_mut(R.max(1));
        for ((position, grad), (values, dvalues)) in self.position.iter().zip(grads).zip(values.iter().zip(dvalues)) {
            let (taps, heard) = (taps::<N, R>(n), heard::<N, R>(n));
            let (Some(grad), Some(taps)) = (grad.get_mut(taps.clone()), position.get(taps)) else { return };
            let (Some(dvalues), Some(values)) = (dvalues.get_mut(heard.clone()), values.get(heard)) else { return };
            matmul::nn(dvalues.as_flattened_mut(), (taps.as_flattened(), K), (dlambda, V), K, V);
            matmul::nt(grad.as_flattened_mut(), (values.as_flattened(), V), (dlambda, V), V, K);
        }
    }
}

/// Tokens that token `n` hears through a window of `R` taps.
const fn heard<const N: usize, const R: usize>(n: usize) -> Range<usize> {
    n.saturating_sub(R / 2)..min(N, n + R / 2 + 1)
}

/// The taps that reach these.
const fn taps<const N: usize, const R: usize>(n: usize) -> Range<usize> {
    let Range { start, end } = heard::<N, R>(n);
    start + R / 2 - n..end + R / 2 - n
}

/// The queries of a token, applied to its lambda.
fn apply<const K: usize, const V: usize>(lambda: &[[f32; V]; K], queries: &[f32], y: &mut [f32]) {
    fill(y, 0.0);
    matmul::nn(y, (queries, K), (lambda.as_flattened(), V), K, V);
}

/// Keys, which were their softmax, and values become their gradients.
fn content_backward<const N: usize, const K: usize, const V: usize, const U: usize>(
    keys: &mut [[[f32; N]; K]; U],
    values: &mut [[[f32; V]; N]; U],
    dcontent: &[[f32; V]; K],
    dvalues: &mut [[[f32; V]; N]; U],
    dkeys: &mut [[f32; N]; K],
) {
    let dcontent = (dcontent.as_flattened(), V);
    for ((keys, values), dvalues) in keys.iter_mut().zip(values).zip(dvalues) {
        fill(dkeys.as_flattened_mut(), 0.0);
        matmul::nt(dkeys.as_flattened_mut(), dcontent, (values.as_flattened(), V), V, N);
        matmul::tn(dvalues.as_flattened_mut(), (keys.as_flattened(), N), dcontent, K, V);
        copy(values.as_flattened_mut(), dvalues.as_flattened());
        keys.iter_mut().zip(&*dkeys).for_each(|(keys, dkeys)| softmax_backward(keys, dkeys));
    }
}
