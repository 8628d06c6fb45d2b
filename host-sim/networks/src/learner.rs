//! Whatever learns, behind one object-safe interface: the trainers of the boards on this computer, or a board on a line.

use trainlet::core::setting::OutOfRange;
use trainlet::extra::curvature::{LanczosConfig, Spectrum};
use trainlet::extra::monitor::Health;
use trainlet::nn::loss::InvalidTarget;
use trainlet::train::{Learner, SamError};

use super::tree::{Leaf, Weights};

/// A sample or a step that a learner refuses.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum LearnerError {
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    #[error(transparent)]
    Sam(#[from] SamError),
    #[error(transparent)]
    Setting(#[from] OutOfRange),
    #[error("its learning rate cannot be changed in the midst of a run")]
    FixedRate,
    #[error(transparent)]
    Board(Box<dyn std::error::Error + Send + Sync>),
}

/// A learner in a run.
pub trait Device: Learner<Input = [f32], Target = [f32], Output = Vec<f32>, Error = LearnerError> {
    /// Where it is, for people.
    fn name(&self) -> &str {
        "desktop"
    }

    /// Judges an epoch by its mean loss and begins the next, if the run is watched.
    fn end_epoch(&mut self, _loss: f32) -> Option<Health> {
        None
    }

    /// Has the gradient of the next step measured, where that can be done.
    fn watch_gradient(&mut self) {}

    /// The L2 norms of the gradient that was measured last, before it was clipped, of each leaf that is trained; nothing if there is none.
    fn gradient_norms(&mut self) -> Vec<f32> {
        Vec::new()
    }

    /// Takes other weights over: those of an earlier epoch, at the end of a run.
    ///
    /// # Errors
    /// The device does not answer.
    fn replace(&mut self, weights: &Weights) -> Result<(), LearnerError>;

    /// Multiplies the learning rate of all later steps.
    ///
    /// # Errors
    /// The rate would be out of its range, or the device cannot change it.
    fn scale_rate(&mut self, factor: f32) -> Result<(), LearnerError>;

    /// Microseconds that it has spent on this run by its own clock, if that is another than ours.
    ///
    /// # Errors
    /// The device does not answer.
    fn busy_micros(&mut self) -> Result<Option<u64>, LearnerError> {
        Ok(None)
    }
}

/// A learner on this computer.
pub trait Desktop: Device {
    /// Replaces the first weights, as many as there are values.
    fn load(&mut self, values: &[f32]);

    /// The eigenvalues of the Hessian of the mean loss over these samples, at the weights.
    ///
    /// # Errors
    /// A label that the network has no output for.
    fn spectrum(&mut self, samples: &[(&[f32], &[f32])], config: LanczosConfig) -> Result<Spectrum, LearnerError>;
}

/// The weights that a learner predicts with.
///
/// # Errors
/// Those of the learner.
pub fn weights<L: Learner + ?Sized>(learner: &mut L) -> Result<Weights, L::Error> {
    let (mut leaves, mut values) = (Vec::new(), Vec::new());
    learner.weights(&mut |leaf, of_leaf| {
        let (name, shape) = (leaf.path.to_string(), leaf.shape.to_vec());
        leaves.push(Leaf { name, shape, role: leaf.role, trained: leaf.trained });
        values.extend_from_slice(of_leaf);
    })?;
    Ok(Weights { leaves: leaves.into(), values })
}
