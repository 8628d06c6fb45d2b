//! A look at a board, which changes nothing there.

use trainlet::core::budget::Budget;
use trainlet::link::message::{ResetCause, Saved, Status};

use super::Error;
use super::place::Connection;
use super::remote::Remote;
use crate::networks::Network;
use crate::networks::tree::Weights;

/// A board as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub board: String,
    /// Why it has started, as it says.
    pub reset: ResetCause,
    /// Name of its network.
    pub network: &'static str,
    /// Progress of its current run.
    pub status: Status,
    /// Bytes of all variables of its program; the stack is beside them.
    pub ram: u32,
    /// RAM of its trainer.
    pub budget: Budget,
    /// CRC-32 of its weights.
    pub weights_crc32: u32,
}

/// Asks a board with this network how it is.
///
/// # Errors
/// It does not answer, or has another network.
pub fn look(connection: Connection, network: &'static Network) -> Result<Standing, Error> {
    let mut remote = Remote::greet(connection, network)?;
    let status = remote.client().status()?;
    let weights_crc32 = remote.client().checksum()?;
    let (board, reset, ram, budget) = (remote.board().into(), remote.reset(), remote.ram(), remote.budget());
    Ok(Standing { board, reset, network: network.name, status, ram, budget, weights_crc32 })
}

/// Has the board save its run in its flash, as it is.
///
/// # Errors
/// As [`look`]; or the board has no store, no run, or cannot save it.
pub fn store(connection: Connection, network: &'static Network) -> Result<Saved, Error> {
    Ok(Remote::greet(connection, network)?.client().save()?)
}

/// The board's weights.
///
/// # Errors
/// As [`look`].
pub fn weights(connection: Connection, network: &'static Network) -> Result<Weights, Error> {
    Ok(Remote::greet(connection, network)?.fetch()?.clone())
}
