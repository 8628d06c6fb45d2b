//! What the compiler checks of the types that a trainer is made of.

/// Stops the compiler unless an optimiser's state is as long as it must be.
pub(super) const fn check_state(capacity: usize, trained: usize) {
    assert!(
        capacity == usize::MAX || (capacity >= trained && capacity < trained + 32),
        "the optimiser's state has another length than the model needs: write `Adam<[f32; Net::TRAINABLE]>`, \
         `Adam<[Bf16; Net::TRAINABLE]>` or `Adam<[Block8; Net::TRAINABLE.div_ceil(Block8::LEN)]>`"
    );
}
