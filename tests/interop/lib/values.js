// Arguments of events that have to arrive as they were sent.
import assert from "node:assert/strict";
import { ask, next } from "./clients.js";

export const values = {
  nothing: [],
  null: [null],
  booleans: [true, false],
  numbers: [0, 1, -1, 127, 128, 65536, -2147483649, 2 ** 53 - 1, -(2 ** 53 - 1), 1.5, -0.1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308],
  strings: ["", "plain", "quotes \" and \\ and / and \n\r\t\b\f", "\u0000\u0001\u001f\u007f", "\u2028\u2029"],
  unicode: ["ä ß €", "日本語", "😀 👨‍👩‍👧", "\u{10ffff}", "e\u0301", "\ufeff", "separator \u001e inside"],
  arrays: [[], [[]], [[[]]], [1, ["two", [null]]]],
  objects: [{}, { a: {} }, { "": 1, "ключ": [{}], "with \" quote": null, 1: 2 }],
  "like packets": ["42[\"x\"]", "/custom,", "51-", { _placeholder: "no" }],
  mixed: [1, "two", { three: [4, { five: null }] }, false],
  many: Array.from({ length: 200 }, (_, index) => index),
};

export const binaries = {
  one: [Buffer.from([0, 1, 2, 255])],
  empty: [Buffer.alloc(0)],
  nested: [{ a: [{ b: Buffer.from("deep") }], c: "text" }, "after"],
  several: [Buffer.from("one"), "between", Buffer.from("two"), { x: Buffer.from("three"), y: Buffer.from("four") }],
  ten: [Array.from({ length: 10 }, (_, index) => Buffer.alloc(index, index))],
  "every byte": [Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
};

// Binary comes as Buffer, Uint8Array or ArrayBuffer, as the transport has it.
export const plain = (value) => {
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return value;
};

// There and back, as an acknowledgement and as an event.
export async function roundTrip(socket, args) {
  assert.deepEqual(plain(await ask(socket, "message-with-ack", ...args)), args, "by acknowledgement");
  const back = next(socket, "message-back");
  socket.emit("message", ...args);
  assert.deepEqual(plain(await back), args, "by event");
}
