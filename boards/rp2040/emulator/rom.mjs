// What firmware calls in the chip's ROM, in place of that: the ROM itself is in no package. Each function is a breakpoint, at which this
// computer does its work, and a return.

const BREAKPOINT = 0xbe00;
const RETURN = 0x4770;
const THUMB = 1;
// Where the ROM says where its table of functions and the function that looks into it are.
const [TABLE, LOOKUP] = [0x14, 0x18];
const FIRST = 0x100;
// As rp2040js numbers them.
const XIP_CONTROL = 0x14000;

export function installRom(chip, flash) {
  const registers = chip.core.registers;
  const read = (from, length) => Uint8Array.from({ length }, (_, index) => chip.readUint8(from + index));
  const copy = (to, from, length) => read(from, length).forEach((byte, index) => chip.writeUint8(to + index, byte));
  // By the two letters of their codes. What only changes how the flash is read has nothing to do.
  const functions = {
    IF() {},
    EX() {},
    FC() {},
    CX() {},
    RE: (at, length) => flash.erase(at, length),
    RP: (at, from, length) => flash.write(at, read(from, length)),
    MC: copy,
    C4: copy,
  };
  const codes = Object.keys(functions);
  const address = (number) => (FIRST + 4 * number) | THUMB;
  const lookup = (_table, code) => {
    const letters = String.fromCharCode(code & 0xff, code >> 8);
    if (!codes.includes(letters)) {
      throw new Error(`the program calls ${letters} in the ROM, which is not there`);
    }
    registers[0] = address(codes.indexOf(letters));
  };
  const calls = [...codes.map((code) => functions[code]), lookup];

  // The registers that say whether the flash is still read in the background, which rp2040js does not have: it never is.
  chip.peripherals[XIP_CONTROL] = { readUint32: () => 0, writeUint32Atomic() {} };

  const rom = new DataView(chip.bootrom.buffer);
  calls.forEach((_, number) => {
    rom.setUint16(FIRST + 4 * number, BREAKPOINT | number, true);
    rom.setUint16(FIRST + 4 * number + 2, RETURN, true);
  });
  rom.setUint16(TABLE, FIRST, true);
  rom.setUint16(LOOKUP, address(codes.length), true);
  chip.onBreak = (number) => {
    if (number >= calls.length) {
      throw new Error(`breakpoint ${number} at ${chip.core.PC.toString(16)}`);
    }
    calls[number](...registers.slice(0, 4));
  };
}
