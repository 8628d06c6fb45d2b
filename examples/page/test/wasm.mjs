// The library of site/, in node.

import { readFile } from "node:fs/promises";
import { Trainer } from "../web/trainer.js";

export const load = async () => Trainer.load(await readFile(new URL("../site/trainlet.wasm", import.meta.url)));

export const USUAL = { network: "watch-12x1", mode: "keep-adam", seed: 0, batch: 32, epochs: 25, rate: 5e-3 };

/** Trains to the end and gives the last epoch. */
export function train(trainer, settings) {
  trainer.begin(settings);
  for (;;) {
    const { done, steps, epoch } = trainer.advance(0xffffffff);
    if (done === steps) return epoch;
  }
}
