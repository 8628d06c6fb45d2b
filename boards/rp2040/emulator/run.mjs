// Runs an ELF file on an emulated Raspberry Pi Pico, with what it sends on standard output:
//
//     npm install --no-package-lock
//     node run.mjs ELF [--usb] [--flash FILE]
//
// Its line is UART0, with --usb the serial port over USB. The flash is kept in FILE, as it would be without power.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConsoleLogger, LogLevel, RP2040 } from 'rp2040js';
import { Flash } from './flash.mjs';
import { installRom } from './rom.mjs';
import { attachUsb } from './usb.mjs';

const FLASH_START = 0x10000000;
const STACK = 0x20042000;
// Of the clock of 125 MHz.
const NANOSECONDS = 8;
// Instructions between two looks at standard input.
const TURN = 20000;

const { values, positionals } = parseArgs({
  options: { usb: { type: 'boolean' }, flash: { type: 'string' } },
  allowPositionals: true,
});
const chip = new RP2040();
chip.logger = new ConsoleLogger(LogLevel.Error);
const flash = new Flash(chip.flash, values.flash);
flash.load(readFileSync(positionals[0]), FLASH_START);
installRom(chip, flash);
if (values.usb) {
  attachUsb(chip, process.stdin, process.stdout);
} else {
  chip.uart[0].onByte = (byte) => process.stdout.write(Buffer.of(byte));
}

// As the ROM leaves it: the second stage of the boot comes first in the flash, and starts the program.
chip.core.SP = STACK;
chip.core.LR = 0;
chip.core.PC = FLASH_START;
turn();

function turn() {
  const { core, clock } = chip;
  for (let count = 0; count < TURN; count++) {
    if (core.waiting) {
      clock.tick(Math.max(clock.nanosToNextAlarm, NANOSECONDS));
    } else {
      clock.tick(core.executeInstruction() * NANOSECONDS);
    }
  }
  setImmediate(turn);
}
