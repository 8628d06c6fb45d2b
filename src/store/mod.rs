//! Checkpoints in flash.
