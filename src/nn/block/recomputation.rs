//! What a block keeps from forward to backward, chosen by type. The gradients are the same to the last bit, as long as they
//! are finite.

/// How much a block of two branches keeps: [`Keep`], [`KeepSlopes`], [`Recompute`] or [`BlockInput`].
pub trait Recomputation: 'static {
    /// What a branch keeps of its hidden values.
    const HIDDEN: Hidden;
    /// Most vectors (tokens or channels) whose hidden values are in memory at a time.
    const VECTORS: usize;
    /// What each of its branches keeps.
    type Branch: Recomputation;
    /// What the residual connection around a branch keeps of its own.
    type Residual;
    /// What the block keeps of its branches.
    type Block;
}

/// What a residual branch keeps of its hidden values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// Nothing: they are recomputed from the input of the branch.
    Nothing,
    /// What goes into the activation.
    Before,
    /// The slopes of the activation, and what comes out of it.
    SlopesAndAfter,
}

impl Hidden {
    /// `f32` kept per hidden value.
    pub const fn copies(self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Before => 1,
            Self::SlopesAndAfter => 2,
        }
    }
}

/// Keeps everything that the backward pass needs.
pub struct Keep;

/// Keeps what an activation gives and its slopes, which the forward pass computes together, where [`Keep`] keeps what goes
/// into the activation and the backward pass begins anew from there: the fastest, for one more `f32` per hidden value.
pub struct KeepSlopes;

/// Keeps the input of each branch and recomputes its hidden values in the backward pass, `VECTORS` tokens or
/// channels at a time; takes a sixth more multiply-accumulates. Larger portions are faster, smaller ones need less
/// scratch.
pub struct Recompute<const VECTORS: usize = 4>;

/// Keeps the input of the block alone, and recomputes the rest as [`Recompute`] does: half as much to keep, and the whole
/// first branch to repeat. Pays where there are several blocks.
pub struct BlockInput<const VECTORS: usize = 4>;

/// Each branch of a block keeps what it needs.
pub struct EachBranch;

/// The first branch keeps its input, the second nothing.
pub struct FirstBranch;

impl Recomputation for Keep {
    const HIDDEN: Hidden = Hidden::Before;
    const VECTORS: usize = usize::MAX;
    type Branch = Self;
    type Residual = Self;
    type Block = EachBranch;
}

impl Recomputation for KeepSlopes {
    const HIDDEN: Hidden = Hidden::SlopesAndAfter;
    const VECTORS: usize = usize::MAX;
    type Branch = Self;
    type Residual = Keep;
    type Block = EachBranch;
}

impl<const VECTORS: usize> Recomputation for Recompute<VECTORS> {
    const HIDDEN: Hidden = Hidden::Nothing;
    const VECTORS: usize = {
        assert!(VECTORS > 0, "at least one vector at a time: write Recompute<1> or more");
        VECTORS
    };
    type Branch = Self;
    type Residual = Self;
    type Block = EachBranch;
}

impl<const VECTORS: usize> Recomputation for BlockInput<VECTORS> {
    const HIDDEN: Hidden = Hidden::Nothing;
    const VECTORS: usize = <Recompute<VECTORS> as Recomputation>::VECTORS;
    type Branch = Recompute<VECTORS>;
    type Residual = Recompute<VECTORS>;
    type Block = FirstBranch;
}
