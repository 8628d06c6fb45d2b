// The flash beside the chip: erased bytes are 0xff, and writing clears bits.

import { constants, openSync, readSync, writeSync } from 'node:fs';

// Of a Raspberry Pi Pico.
const BYTES = 2 << 20;
const ERASED = 0xff;

export class Flash {
  // `bytes` is what the chip sees; a file keeps them too, if there is one.
  constructor(bytes, file) {
    this.bytes = bytes;
    if (file !== undefined) {
      this.file = openSync(file, constants.O_RDWR | constants.O_CREAT);
      readSync(this.file, bytes, 0, BYTES, 0);
    }
  }

  // The parts of an ELF file that lie in flash, which starts at this address.
  load(elf, start) {
    const header = new DataView(elf.buffer, elf.byteOffset);
    const [first, size, count] = [header.getUint32(28, true), header.getUint16(42, true), header.getUint16(44, true)];
    for (let number = 0; number < count; number++) {
      const field = (at) => header.getUint32(first + number * size + at, true);
      const [type, from, address, length] = [field(0), field(4), field(12), field(16)];
      const LOAD = 1;
      if (type === LOAD && length > 0) {
        this.bytes.set(elf.subarray(from, from + length), address - start);
      }
    }
  }

  erase(at, length) {
    this.bytes.fill(ERASED, at, at + length);
    this.keep(at, length);
  }

  write(at, bytes) {
    bytes.forEach((byte, index) => (this.bytes[at + index] &= byte));
    this.keep(at, bytes.length);
  }

  keep(at, length) {
    if (this.file !== undefined) {
      writeSync(this.file, this.bytes, at, length, at);
    }
  }
}
