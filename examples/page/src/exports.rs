//! What JavaScript calls. It writes a request into a buffer and reads the answer from another one; both are texts in JSON, but for the file
//! of weights. A call that gives `false` answers with what is wrong.
#![allow(unsafe_code, reason = "the attribute that keeps a function's name; there is no unsafe block")]

use std::cell::RefCell;

use serde::Serialize;

use crate::catalog::catalog;
use crate::run::{Run, Settings};

/// All that is kept between calls.
#[derive(Default)]
struct Desk {
    request: Vec<u8>,
    answer: Vec<u8>,
    run: Option<Run>,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

/// Makes room for a request of `length` bytes, and says where it is to be written.
#[unsafe(no_mangle)]
pub extern "C" fn request(length: usize) -> *mut u8 {
    DESK.with_borrow_mut(|desk| {
        desk.request = vec![0; length];
        desk.request.as_mut_ptr()
    })
}

/// Where the answer to the last call begins.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    DESK.with_borrow(|desk| desk.answer.as_ptr())
}

/// How many bytes it has.
#[unsafe(no_mangle)]
pub extern "C" fn answer_length() -> usize {
    DESK.with_borrow(|desk| desk.answer.len())
}

/// Answers with what there is to choose from.
#[unsafe(no_mangle)]
pub extern "C" fn list() -> bool {
    reply(|_| text(&catalog()))
}

/// Starts a run with the settings of the request.
#[unsafe(no_mangle)]
pub extern "C" fn begin() -> bool {
    reply(|desk| {
        desk.run = None;
        let settings: Settings = serde_json::from_slice(&desk.request).map_err(|error| error.to_string())?;
        desk.run = Some(Run::new(settings)?);
        Ok(Vec::new())
    })
}

/// Makes up to `limit` steps, to the end of an epoch at most, and answers with the progress.
#[unsafe(no_mangle)]
pub extern "C" fn advance(limit: u32) -> bool {
    reply(|desk| text(&run(desk)?.advance(limit).map_err(|error| error.to_string())?))
}

/// Answers with the CRC-32 of the weights.
#[unsafe(no_mangle)]
pub extern "C" fn checksum() -> bool {
    reply(|desk| text(&run(desk)?.crc32().map_err(|error| error.to_string())?))
}

/// Answers with the weights as a safetensors file.
#[unsafe(no_mangle)]
pub extern "C" fn weights() -> bool {
    reply(|desk| run(desk)?.file())
}

fn run(desk: &mut Desk) -> Result<&mut Run, String> {
    desk.run.as_mut().ok_or_else(|| "no run has begun".into())
}

fn text(value: &impl Serialize) -> Result<Vec<u8>, String> {
    serde_json::to_vec(value).map_err(|error| error.to_string())
}

fn reply(work: impl FnOnce(&mut Desk) -> Result<Vec<u8>, String>) -> bool {
    DESK.with_borrow_mut(|desk| {
        let reply = work(desk);
        let is_right = reply.is_ok();
        desk.answer = reply.unwrap_or_else(String::into_bytes);
        is_right
    })
}
