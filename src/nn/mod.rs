//! Networks: layers, the blocks, stems and heads that are made of them, losses, and the model that puts them together.

pub mod block;
pub mod graph;
pub mod head;
pub mod layer;
pub mod loss;
pub mod micro_batch;
pub mod net;
pub mod pass;
pub mod stem;
pub mod update;
