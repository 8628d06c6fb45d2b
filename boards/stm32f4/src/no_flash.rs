//! Without the feature `store` nothing is kept.

pub use trainlet_app::board::NoFlash as Flash;

/// There is none.
pub fn take() -> Option<Flash> {
    None
}
