//! Messages between a board that trains and a host that has the data, over any serial line.
//!
//! The host asks, the board answers; one request is on its way at a time, so a board is never sent more than it has said
//! that it can hold. A [`Frame`](frame::Frame) carries a message with a session and a sequence number and the CRC-32 of
//! it all, stuffed by COBS so that a zero byte ends it and nothing else. Whoever gets a damaged frame says so at once, and
//! the host sends the request again, as it does when no answer comes. The board carries out each sequence number once
//! and keeps its answer: a repeated request gets the same answer again, and nothing happens twice. The greeting names the
//! version and the network and begins a session; it leaves the trainer alone, so a host that was gone goes on where it was.
//!
//! | part | |
//! |---|---|
//! | [`message`] | what is asked and answered |
//! | [`frame`] | how it travels |
//! | [`node`] | the board's end |
//! | [`client`] | the host's end |
//!
//! A board never gives samples back: what it can be asked to [`Read`](message::Request::Read) is listed in
//! [`Readable`](message::Readable), and they are not in it.

pub mod client;
mod exchange;
pub mod frame;
pub mod message;
pub mod node;
mod session;
mod values;
mod worker;
