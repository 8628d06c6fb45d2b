// The computer at the other end of the USB cable, which opens the serial port as soon as it is there.

import { USBCDC } from 'rp2040js';

// In the chip's memory, a word for each endpoint: whether a buffer waits for a packet.
const OUT_BUFFERS = 0x84;
const AVAILABLE = 1 << 10;

export function attachUsb(chip, input, output) {
  const usb = chip.usbCtrl;
  const host = new USBCDC(usb);
  host.onSerialData = (bytes) => output.write(Buffer.from(bytes));

  // rp2040js takes a buffer for full when the chip has just offered it, and sends an empty packet where there is nothing to send. Firmware
  // that looks at the buffer itself would read what nobody has sent.
  const waiting = [];
  let wanted;
  usb.onEndpointRead = (endpoint, length) => {
    if (endpoint === host.outEndpoint) {
      wanted = length;
      setAvailable(true);
      send();
    }
  };
  input.on('data', (bytes) => {
    waiting.push(...bytes);
    send();
  });
  input.on('end', () => process.exit(0));

  function send() {
    if (wanted !== undefined && waiting.length > 0) {
      setAvailable(false);
      usb.endpointReadDone(host.outEndpoint, Uint8Array.from(waiting.splice(0, wanted)), 0);
      wanted = undefined;
      chip.clock.tick(0);
    }
  }

  function setAvailable(isAvailable) {
    const at = OUT_BUFFERS + 8 * host.outEndpoint;
    const word = chip.usbDPRAMView.getUint32(at, true) & ~AVAILABLE;
    chip.usbDPRAMView.setUint32(at, isAvailable ? word | AVAILABLE : word, true);
  }
}
