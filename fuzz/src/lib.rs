//! What the targets do with their input. The first byte chooses between bytes as a file or a line has them, which is what the
//! seeds begin with, and a structure that `arbitrary` draws from the rest.

pub mod ask;
pub mod link;
pub mod node;
mod scratch;
pub mod table;
pub mod weights;
