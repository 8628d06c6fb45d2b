//! The layers that are more than a product: convolutions, lambda layers, piecewise-linear functions, statistics.

use super::Refused;
use super::layers::{Layers, Stream};
use super::proto::Attribute;

impl Layers<'_> {
    /// The kernel stands as windows of the stream do, `[out][tap][in]`.
    pub fn conv(&mut self, path: &str, stride: usize, x: Stream) -> Result<Stream, Refused> {
        let ((weight, [out, taps, inputs]), (bias, [_])) = (self.leaf(path, "weight")?, self.leaf(path, "bias")?);
        Self::check(path, inputs * (x.channels / inputs), x.channels)?;
        let kernel = self.transposed(&weight, &[0, 2, 1]);
        let options = convolution(taps, stride, x.channels / inputs);
        let tokens = x.tokens.div_ceil(stride);
        let y = self.along_tokens(x, |to, x| to.node("Conv", &[x, &kernel, &bias], &options));
        Ok(Stream { tokens, channels: out, ..y })
    }

    /// The kernel is `[tap][channel]`.
    pub fn depthwise(&mut self, path: &str, x: Stream) -> Result<Stream, Refused> {
        let ((weight, [taps, channels]), (bias, [_])) = (self.leaf(path, "weight")?, self.leaf(path, "bias")?);
        Self::check(path, channels, x.channels)?;
        let kernel = self.transposed(&weight, &[1, 0]);
        let axis = self.to.list(&[1]);
        let kernel = self.to.node("Unsqueeze", &[&kernel, &axis], &[]);
        let options = convolution(taps, 1, channels);
        Ok(self.along_tokens(x, |to, x| to.node("Conv", &[x, &kernel, &bias], &options)))
    }

    /// The formula stands at [`Lambda`](trainlet::nn::layer::Lambda).
    pub fn lambda(&mut self, path: &str, x: &Stream) -> Result<Stream, Refused> {
        let (query, [queries, inputs]) = self.leaf(path, "query")?;
        let (key, [_, _]) = self.leaf(path, "key")?;
        let (value, [values, _]) = self.leaf(path, "value")?;
        let (position, [intra, taps, depth]) = self.leaf(path, "position")?;
        Self::check(path, inputs, x.channels)?;
        let (heads, width) = (queries / depth, values / intra);
        let query = self.projected(x, &query, [heads, depth]);
        let key = self.projected(x, &key, [intra, depth]);
        let value = self.projected(x, &value, [intra, width]);
        let key = self.to.node("Softmax", &[&key], &[Attribute::int("axis", 1)]);
        let content = self.einsum("bmuk,bmuv->bkv", &[&key, &value]);
        let near = self.distances(&position, [x.tokens, taps, intra, depth]);
        let near = self.einsum("unmk,bmuv->bnkv", &[&near, &value]);
        let axis = self.to.list(&[1]);
        let content = self.to.node("Unsqueeze", &[&content, &axis], &[]);
        let lambda = self.to.node("Add", &[&content, &near], &[]);
        let y = self.einsum("bnhk,bnkv->bnhv", &[&query, &lambda]);
        let shape = self.to.list(&[0, x.tokens as i64, (heads * width) as i64]);
        let name = self.to.node("Reshape", &[&y, &shape], &[]);
        Ok(Stream { name, tokens: x.tokens, channels: heads * width })
    }

    /// `[batch][token]` with this shape for each token.
    fn projected(&mut self, x: &Stream, weight: &str, shape: [usize; 2]) -> String {
        let weight = self.transposed(weight, &[1, 0]);
        let product = self.to.node("MatMul", &[&x.name, &weight], &[]);
        let shape = self.to.list(&[0, x.tokens as i64, shape[0] as i64, shape[1] as i64]);
        self.to.node("Reshape", &[&product, &shape], &[])
    }

    /// What each token hears of each other, `[intra][token][other][depth]`, from one row per tap: 0 outside of the window.
    fn distances(&mut self, position: &str, [tokens, taps, intra, depth]: [usize; 4]) -> String {
        let silence = self.to.floats(&[intra, 1, depth], vec![0.0; intra * depth]);
        let rows = self.to.node("Concat", &[position, &silence], &[Attribute::int("axis", 1)]);
        let tap = |n: usize, m: usize| (m + taps / 2).checked_sub(n).filter(|tap| *tap < taps).unwrap_or(taps) as i64;
        let indices = (0..tokens).flat_map(|n| (0..tokens).map(move |m| tap(n, m)));
        let indices = self.to.ints(&[tokens, tokens], indices);
        self.to.node("Gather", &[&rows, &indices], &[Attribute::int("axis", 1)])
    }

    fn einsum(&mut self, equation: &str, inputs: &[&str]) -> String {
        self.to.node("Einsum", inputs, &[Attribute::string("equation", equation)])
    }

    /// How far a number has passed through each bin, times how much each function rises there.
    pub fn piecewise(&mut self, path: &str, x: &Stream) -> Result<Stream, Refused> {
        let ((weight, [numbers, bins, width]), (bias, [_, _])) = (self.leaf(path, "weight")?, self.leaf(path, "bias")?);
        Self::check(path, numbers, x.tokens)?;
        Self::check(path, 1, x.channels)?;
        let reach = 3f32.sqrt();
        let [reach, per_bin] = [reach, bins as f32 / (2.0 * reach)].map(|value| self.to.float(value));
        let place = self.to.node("Add", &[&x.name, &reach], &[]);
        let place = self.to.node("Mul", &[&place, &per_bin], &[]);
        let starts = self.to.floats(&[bins], (0..bins).map(|bin| bin as f32));
        let mut heights = self.to.node("Sub", &[&place, &starts], &[]);
        // The first and the last go on beyond their ends.
        let least = self.to.floats(&[bins], (0..bins).map(|bin| if bin > 0 { 0.0 } else { f32::MIN }));
        let most = self.to.floats(&[bins], (0..bins).map(|bin| if bin + 1 < bins { 1.0 } else { f32::MAX }));
        heights = self.to.node("Max", &[&heights, &least], &[]);
        heights = self.to.node("Min", &[&heights, &most], &[]);
        let sums = self.einsum("nlb,lbe->nle", &[&heights, &weight]);
        Ok(Stream { name: self.to.node("Add", &[&sums, &bias], &[]), tokens: numbers, channels: width })
    }

    /// Mean, deviation, least, greatest, mean absolute difference of neighbours, rise: a token for each channel.
    pub fn statistics(&mut self, x: &Stream) -> Stream {
        let tokens = x.tokens;
        let mean = self.over_tokens("ReduceMean", &x.name);
        let centred = self.to.node("Sub", &[&x.name, &mean], &[]);
        let squares = self.to.node("Mul", &[&centred, &centred], &[]);
        let variance = self.over_tokens("ReduceMean", &squares);
        let deviation = self.to.node("Sqrt", &[&variance], &[]);
        let [least, greatest] = ["ReduceMin", "ReduceMax"].map(|operator| self.over_tokens(operator, &x.name));
        // A single position is its own neighbour.
        let later = self.to.slice(&x.name, 1, usize::from(tokens > 1), tokens);
        let earlier = self.to.slice(&x.name, 1, 0, (tokens - 1).max(1));
        let steps = self.to.node("Sub", &[&later, &earlier], &[]);
        let steps = self.to.node("Abs", &[&steps], &[]);
        let steps = self.over_tokens("ReduceMean", &steps);
        let scale = 12.0 / (tokens * (tokens + 1)) as f32;
        let places = (0..tokens).map(|place| scale * (place as f32 + 0.5 - 0.5 * tokens as f32));
        let places = self.to.floats(&[1, tokens], places);
        let rise = self.to.node("MatMul", &[&places, &centred], &[]);
        let all = [&*mean, &deviation, &least, &greatest, &steps, &rise];
        let rows = self.to.node("Concat", &all, &[Attribute::int("axis", 1)]);
        Stream { name: self.transposed(&rows, &[0, 2, 1]), tokens: x.channels, channels: all.len() }
    }
}

/// As many zeros around the stream as the library puts there: `(taps - 1) / 2` before it.
fn convolution(taps: usize, stride: usize, groups: usize) -> [Attribute; 3] {
    let before = ((taps - 1) / 2) as i64;
    [
        Attribute::ints("strides", &[stride as i64]),
        Attribute::ints("pads", &[before, taps as i64 - 1 - before]),
        Attribute::int("group", groups as i64),
    ]
}
