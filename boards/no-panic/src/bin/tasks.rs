//! The link on a line that tasks wait for. An `async fn` panics when it is polled after its end, as no executor does; that is the one path
//! to a panic that is left here. `.ci/run` looks at the symbols.
#![no_std]
#![no_main]

#[path = "../memory.rs"]
mod memory;

use portable_atomic as _;

use core::future::poll_fn;
use core::hint::black_box;
use core::panic::PanicInfo;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use memory::Memory;
use trainlet::link::client::AsyncClient;
use trainlet::link::message::{Readable, Refusal, Writable};
use trainlet::link::node::Node;
use trainlet::networks::Watch12x1;

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    loop {}
}

/// Nobody runs this.
#[unsafe(no_mangle)]
extern "C" fn _start(memory: *mut u8) {
    let memory = Memory(memory);
    wait(board(&memory));
    wait(host(&memory));
}

async fn board(memory: &Memory) {
    let node = memory.value::<Node<Watch12x1>>();
    black_box(node.receive_async(&mut Line).await.is_ok());
    let reply = node.handle(&mut |_| Err(Refusal::NoStore));
    black_box(node.send_async(reply, &mut Line).await.is_ok());
}

async fn host(memory: &Memory) {
    let mut client = AsyncClient::new(Line, |_| black_box(Duration::ZERO), *memory.value());
    let (values, label) = (memory.value::<[f32; 64]>(), *memory.value::<&[f32]>());
    black_box(client.hello(*memory.value()).await.is_ok());
    black_box(client.status().await.is_ok());
    black_box(client.start(*memory.value(), *memory.value()).await.is_ok());
    black_box(client.write(Writable::Sample, values).await.is_ok());
    black_box(client.accumulate(label, *memory.value()).await.is_ok());
    black_box(client.step().await.is_ok());
    black_box(client.evaluate(label).await.is_ok());
    black_box(client.predict(values).await.is_ok());
    black_box(client.read(Readable::Weights, values).await.is_ok());
    black_box(client.commit(*memory.value()).await.is_ok());
    black_box(client.checksum().await.is_ok());
    black_box(client.budget().await.is_ok());
}

/// Polls until it is done.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

/// One of which nothing is known.
struct Line;

impl ErrorType for Line {
    type Error = ErrorKind;
}

impl Read for Line {
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, ErrorKind> {
        later().await;
        Ok(black_box(bytes).len())
    }
}

impl Write for Line {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        later().await;
        Ok(black_box(bytes).len())
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        later().await;
        Ok(())
    }
}

/// Nobody knows when.
fn later() -> impl Future<Output = ()> {
    poll_fn(|_| if black_box(true) { Poll::Ready(()) } else { Poll::Pending })
}
