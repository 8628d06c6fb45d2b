// The library, as compiled to WebAssembly: requests go into a buffer of its memory, answers come out of another one.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Trainer {
  #exports;

  /** @param bytes those of trainlet.wasm */
  static async load(bytes) {
    const { instance } = await WebAssembly.instantiate(bytes);
    return new Trainer(instance.exports);
  }

  constructor(exports) {
    this.#exports = exports;
  }

  /** What there is to choose from. */
  list() {
    return this.#json(this.#exports.list());
  }

  /** Starts a run with these settings; throws an error that says what is wrong with them. */
  begin(settings) {
    const bytes = encoder.encode(JSON.stringify(settings));
    const place = this.#exports.request(bytes.length);
    new Uint8Array(this.#exports.memory.buffer, place, bytes.length).set(bytes);
    this.#answer(this.#exports.begin());
  }

  /** Makes up to `limit` steps, to the end of an epoch at most. */
  advance(limit) {
    return this.#json(this.#exports.advance(limit));
  }

  /** CRC-32 of the weights. */
  checksum() {
    return this.#json(this.#exports.checksum());
  }

  /** The weights as the bytes of a safetensors file. */
  weights() {
    return this.#answer(this.#exports.weights()).slice();
  }

  #json(isRight) {
    return JSON.parse(decoder.decode(this.#answer(isRight)));
  }

  // A view that is valid until the next call: the memory moves when it grows.
  #answer(isRight) {
    const { memory, answer, answer_length } = this.#exports;
    const bytes = new Uint8Array(memory.buffer, answer(), answer_length());
    if (!isRight) throw new Error(decoder.decode(bytes));
    return bytes;
  }
}
