//! Where the weights of a network are in its struct, for source text that sets them.

use trainlet::core::params::{self, Params, Path};

/// The place of a leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// As Rust writes it behind the name of a variable: `.stem.blocks[0].weight`.
    pub place: String,
    /// The lengths of its arrays, from the outermost to the innermost.
    pub shape: Vec<usize>,
    /// What is there, if it is bytes and no leaf.
    pub bytes: Option<Vec<i8>>,
}

/// One for each leaf, in the order of the walk, and for all that is in bytes; fewer if the network has parts that do not say where
/// they keep theirs.
pub fn fields<M: Params>(model: &M) -> Vec<Field> {
    let mut fields = Vec::new();
    model.fields_at(&Path::Root, &mut |path, field| {
        let (shape, bytes) = match field {
            params::Field::Leaf(shape) => (shape.to_vec(), None),
            params::Field::Bytes(bytes, width) => (vec![bytes.len() / width.max(1), width], Some(bytes.to_vec())),
        };
        fields.push(Field { place: path.in_rust().to_string(), shape, bytes });
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
