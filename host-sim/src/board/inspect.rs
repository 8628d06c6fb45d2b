//! A look at a board, which changes nothing there.

use safetensors::SafeTensorError;
use trainlet::core::budget::Budget;
use trainlet::link::message::Status;
use trainlet::networks::{Network, Visit, visit};

use super::place::Connection;
use super::remote::Remote;
use crate::run::learner::Device as _;
use crate::run::stack;
use crate::run::weights;

/// A board as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub board: String,
    /// Name of its network.
    pub network: &'static str,
    /// Where it stands.
    pub status: Status,
    /// Bytes of all variables of its program; the stack is beside them.
    pub ram: u32,
    /// RAM of its trainer.
    pub budget: Budget,
    /// CRC-32 of its weights.
    pub weights_crc32: u32,
}

/// A board that cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(transparent)]
    Board(#[from] super::Error),
    #[error("the weights cannot be put into a file ({0})")]
    Safetensors(#[from] SafeTensorError),
}

/// Asks a board with the network of that name how it is.
///
/// # Errors
/// It does not answer, or has another network.
pub fn look(connection: Connection, network: &str) -> Result<Standing, Error> {
    stack::large(move || visit(network, Look(connection))).expect("the list has just given this name")
}

/// A safetensors file of the board's weights.
///
/// # Errors
/// As [`look`].
pub fn weights(connection: Connection, network: &str) -> Result<Vec<u8>, Error> {
    stack::large(move || visit(network, Fetch(connection))).expect("the list has just given this name")
}

struct Look(Connection);

impl Visit for Look {
    type Result = Result<Standing, Error>;

    fn visit<M: Network>(self) -> Self::Result {
        let mut remote = Remote::<M>::greet(self.0)?;
        let status = remote.client().status().map_err(super::Error::from)?;
        let weights_crc32 = remote.client().checksum().map_err(super::Error::from)?;
        let (board, ram, budget) = (remote.board().into(), remote.ram(), remote.budget());
        Ok(Standing { board, network: M::NAME, status, ram, budget, weights_crc32 })
    }
}

struct Fetch(Connection);

impl Visit for Fetch {
    type Result = Result<Vec<u8>, Error>;

    fn visit<M: Network>(self) -> Self::Result {
        let mut remote = Remote::<M>::greet(self.0)?;
        Ok(weights::to_bytes(remote.fetch()?, None)?)
    }
}
