//! Where the weights of a network are in its struct, for source text that sets them.

use trainlet::core::params::{Params, Path};

/// The place of a leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// As Rust writes it behind the name of a variable: `.stem.blocks[0].weight`.
    pub place: String,
    /// The lengths of its arrays, from the outermost to the innermost.
    pub shape: Vec<usize>,
}

/// One for each leaf, in the order of the walk; fewer if the network has parts that do not say where they keep theirs.
pub fn fields<M: Params>() -> Vec<Field> {
    let mut fields = Vec::new();
    let model = Box::new(M::ZERO);
    model.fields_at(&Path::Root, &mut |path, shape| {
        fields.push(Field { place: path.in_rust().to_string(), shape: shape.to_vec() });
    });
    fields
}

#[cfg(test)]
mod tests {
    use crate::builtin;

    #[test]
    fn every_network_says_where_its_leaves_are() {
        for network in crate::stack::large(builtin) {
            let fields = network.fields();
            assert_eq!(fields.len(), network.leaves().len(), "{}", network.name);
            for (field, leaf) in fields.iter().zip(&**network.leaves()) {
                assert_eq!(field.shape.iter().product::<usize>(), leaf.len(), "{} {}", network.name, field.place);
            }
        }
    }
}
