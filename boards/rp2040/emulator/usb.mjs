// The computer at the other end of the USB cable, which opens the serial port as soon as it is there.

import { USBCDC } from 'rp2040js';

export function attachUsb(chip, input, output) {
  const usb = chip.usbCtrl;
  const host = new USBCDC(usb);
  host.onSerialData = (bytes) => output.write(Buffer.from(bytes));

  // rp2040js's own answers a read with an empty packet where there is nothing to send, and so would keep the program busy.
  const waiting = [];
  let wanted;
  usb.onEndpointRead = (endpoint, length) => {
    if (endpoint === host.outEndpoint) {
      wanted = length;
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
      usb.endpointReadDone(host.outEndpoint, Uint8Array.from(waiting.splice(0, wanted)));
      wanted = undefined;
    }
  }
}
