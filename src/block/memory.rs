//! What a block keeps from forward to backward, chosen by type. The gradients are the same to the last bit.

/// How much a block of two branches keeps.
pub trait Memory: 'static {
    /// What each of its branches keeps.
    type Branch: BranchMemory;
    /// What the block keeps of its branches.
    type Block;
}

/// How much a residual branch keeps.
pub trait BranchMemory: 'static {
    /// Whether hidden values are kept, and not worked out again from the branch's input.
    const KEEPS: bool;
    /// Most vectors (tokens or channels) whose hidden values there are at a time.
    const VECTORS: usize;
}

/// Keeps everything that the backward pass needs: the fastest.
pub struct Keep;

/// Keeps the input of each branch and works out its hidden values again in the backward pass, `VECTORS` tokens or
/// channels at a time; takes a sixth more multiply-accumulates. Larger portions are faster, smaller ones need less
/// scratch.
pub struct Recompute<const VECTORS: usize = 4>;

/// Keeps the input of the block alone, and works out the rest as [`Recompute`] does: half as much to keep, and the whole
/// first branch to repeat. Pays where there are several blocks.
pub struct BlockInput<const VECTORS: usize = 4>;

/// Each branch of a block keeps what it needs.
pub struct EachBranch;

/// The first branch keeps its input, the second nothing.
pub struct FirstBranch;

impl Memory for Keep {
    type Branch = Self;
    type Block = EachBranch;
}

impl BranchMemory for Keep {
    const KEEPS: bool = true;
    const VECTORS: usize = usize::MAX;
}

impl<const VECTORS: usize> Memory for Recompute<VECTORS> {
    type Branch = Self;
    type Block = EachBranch;
}

impl<const VECTORS: usize> BranchMemory for Recompute<VECTORS> {
    const KEEPS: bool = false;
    const VECTORS: usize = {
        assert!(VECTORS > 0, "at least one vector at a time: write Recompute<1> or more");
        VECTORS
    };
}

impl<const VECTORS: usize> Memory for BlockInput<VECTORS> {
    type Branch = Recompute<VECTORS>;
    type Block = FirstBranch;
}
