//! A serial port over USB (CDC-ACM).

use core::sync::atomic::{AtomicBool, Ordering};

use embassy_futures::join::join4;
use embassy_rp::Peri;
use embassy_rp::bind_interrupts;
use embassy_rp::peripherals::USB;
use embassy_rp::usb::{Driver, InterruptHandler};
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::pipe::Pipe;
use embassy_usb::class::cdc_acm::{CdcAcmClass, ControlChanged, Receiver, Sender, State};
use embassy_usb::{Builder, Config};

use crate::NAME;

bind_interrupts!(struct Interrupts {
    USBCTRL_IRQ => InterruptHandler<USB>;
});

/// Bytes of a packet at full speed.
const PACKET: usize = 64;
/// One less: a computer goes on reading after a full packet, and would have to be sent an empty one.
const SENT: usize = PACKET - 1;
/// Of the list pid.codes, where every other number belongs to somebody.
const VENDOR_AND_PRODUCT: (u16, u16) = (0x1209, 0x0001);

/// As many as a packet wait for the other side.
type Bytes = Pipe<CriticalSectionRawMutex, PACKET>;
type PicoDriver<'d> = Driver<'d, USB>;

/// The only one.
pub static PORT: Port = Port { received: Bytes::new(), sent: Bytes::new(), open: AtomicBool::new(false) };

/// What the processor and the interrupt share.
pub struct Port {
    /// From the computer.
    pub received: Bytes,
    /// To the computer.
    pub sent: Bytes,
    open: AtomicBool,
}

impl Port {
    /// Whether a program on the computer has the port open.
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }
}

/// Serves the port forever.
pub async fn serve(usb: Peri<'static, USB>) {
    // As long as these descriptors are, and longer than the strings, which are sent from the third.
    let (mut configuration, mut capabilities, mut control) = ([0; 72], [0; 12], [0; 32]);
    let mut state = State::new();
    // In a block, whose other values take no RAM while the port is served.
    let (mut device, class) = {
        let (vendor, product) = VENDOR_AND_PRODUCT;
        let mut config = Config::new(vendor, product);
        (config.manufacturer, config.product) = (Some("trainlet"), Some(NAME));
        let driver = Driver::new(usb, Interrupts);
        let mut builder = Builder::new(driver, config, &mut configuration, &mut capabilities, &mut [], &mut control);
        let class = CdcAcmClass::new(&mut builder, &mut state, PACKET as u16);
        (builder.build(), class)
    };
    let (sender, receiver, changes) = class.split_with_control();
    join4(device.run(), send(sender), receive(receiver), watch(changes)).await;
}

async fn send<'d>(mut sender: Sender<'d, PicoDriver<'d>>) {
    let mut packet = [0; SENT];
    loop {
        let count = PORT.sent.read(&mut packet).await;
        sender.wait_connection().await;
        // What is lost with the connection nobody waits for.
        let _ = sender.write_packet(&packet[..count]).await;
    }
}

async fn receive<'d>(mut receiver: Receiver<'d, PicoDriver<'d>>) {
    let mut packet = [0; PACKET];
    loop {
        receiver.wait_connection().await;
        while let Ok(count) = receiver.read_packet(&mut packet).await {
            // Not every program says that it is there before it sends.
            PORT.open.store(true, Ordering::Relaxed);
            PORT.received.write_all(&packet[..count]).await;
        }
    }
}

async fn watch(changes: ControlChanged<'_>) {
    loop {
        changes.control_changed().await;
        PORT.open.store(changes.dtr(), Ordering::Relaxed);
    }
}
