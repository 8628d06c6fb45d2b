// Samples per second of the page's training in node, tests not counted, to compare with `cargo run --release --example speed`.

import { load, USUAL } from "./wasm.mjs";

const trainer = await load();
trainer.begin(USUAL);
const STEPS = 88; // of the 89 of an epoch, so that no test is in it
let [learnt, millis] = [0, 0];
for (;;) {
  const started = performance.now();
  const { done, steps } = trainer.advance(STEPS);
  millis += performance.now() - started;
  learnt += STEPS * 32;
  trainer.advance(0xffffffff);
  if (done + 1 >= steps) break;
}
console.log(`${Math.round((1000 * learnt) / millis)} samples/s`);
