//! Which networks can predict from bytes.

use super::types::Type;

/// Inputs of a matrix in bytes, at most: its sums would overflow otherwise.
const MAX_INPUTS: usize = 1032;

/// Whether `trainlet::quant::Quantize` is there for a network of this type. Where its text does not say so, the answer is no.
pub fn has_form(network: &Type) -> bool {
    let Some([tokens, channels, stem, blocks, head]) = named(network, "Net") else { return false };
    [tokens, channels].into_iter().all(is_small) && is_stem(stem) && are_blocks(blocks) && is_head(head)
}

fn is_stem(of: &Type) -> bool {
    named::<3>(of, "DenseStem").is_some_and(|numbers| numbers.iter().all(is_small))
        || named::<4>(of, "PatchEmbedding").is_some_and(|numbers| numbers.iter().all(is_small))
}

fn are_blocks(of: &Type) -> bool {
    match of {
        Type::Tuple(none) => none.is_empty(),
        Type::Array(block, _) => named::<4>(block, "MixerBlock").is_some_and(|numbers| numbers.iter().all(is_small)),
        Type::Named(..) => false,
    }
}

fn is_head(of: &Type) -> bool {
    named::<2>(of, "DenseHead").is_some() || named::<2>(of, "MeanHead").is_some()
}

/// What stands between the brackets of this name.
fn named<'a, const N: usize>(of: &'a Type, wanted: &str) -> Option<&'a [Type; N]> {
    match of {
        Type::Named(name, arguments) if name == wanted => arguments.as_slice().try_into().ok(),
        _ => None,
    }
}

fn is_small(of: &Type) -> bool {
    matches!(of, Type::Named(number, none) if none.is_empty() && number.parse().is_ok_and(|inputs: usize| inputs <= MAX_INPUTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perceptrons_and_mixers_have_a_form_in_bytes() {
        let has = |text: &str| has_form(&Type::parse(text).unwrap());
        assert!(has("Net<1, 16, DenseStem<1032, 24, 16>, (), DenseHead<16, 3>>"));
        assert!(has("Net<16, 12, PatchEmbedding<16, 6, 1, 12>, [MixerBlock<16, 12, 16, 24>; 2], MeanHead<12, 7>>"));
        for other in [
            "Net<1, 16, DenseStem<1033, 24, 16>, (), DenseHead<16, 3>>",
            "Net<1, 16, DenseStem<4, 24, {16}>, (), DenseHead<16, 3>>",
            "Net<1, 16, Own<4, 24, 16>, (), DenseHead<16, 3>>",
            "Net<1, 16, Piecewise<4, 8, 2, DenseStem<8, 24, 16>>, (), DenseHead<16, 3>>",
            "Net<16, 12, PatchEmbedding<16, 6, 1, 12>, [ConvNextBlock<12, 5, 24>; 2], MeanHead<12, 7>>",
            "Net<16, 12, PatchEmbedding<16, 6, 1, 12>, (MixerBlock<16, 12, 16, 24>, MixerBlock<16, 12, 16, 24>), MeanHead<12, 7>>",
            "Net<16, 12, PatchEmbedding<16, 6, 1, 12>, [MixerBlock<16, 12, 16, 24>; 2], FlatHead<16, 12, 7>>",
            "Own",
        ] {
            assert!(!has(other), "{other}");
        }
    }
}
