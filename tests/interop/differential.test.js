// Thousands of packets, good and bad: ours and the official server answer alike, and close alike.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect, isDeepStrictEqual } from "node:util";
import { decode, encode, Speaker } from "./lib/dialogue.js";
import { random } from "./lib/mutate.js";
import { kinds, startNode } from "./lib/node.js";

const rounds = Number(process.env.SIO_ROUNDS ?? 1500);
const below = random(Number(process.env.SIO_SEED ?? 1));
const pick = (list) => list[below(list.length)];
const one = (of) => below(of) === 0;

// ---- values ----

const texts = ["", "a", "ä日本😀", "\u0000\u001e", "x".repeat(300), "/custom", '42["x"]'];
const numbers = [0, 1, -1, 1.5, 127, 128, 256, 65536, 2 ** 31, 2 ** 32, 2 ** 53 - 1, -(2 ** 53 - 1), 5e-324];
const keys = ["a", "b", "", "ключ", "10", "_placeholder", "num"];
const names = ["echo", "message", "message-with-ack", "nobody", "", 5, "connect", "disconnect", "newListener", null, true, {}, []];

function value(depth, leaf) {
  if (depth > 0 && one(3)) return Array.from({ length: below(4) }, () => value(depth - 1, leaf));
  if (depth > 0 && one(3)) return Object.fromEntries(Array.from({ length: below(4) }, () => [pick(keys), value(depth - 1, leaf)]));
  return one(4) ? leaf() : pick([pick(texts), pick(numbers), null, true, false]);
}

const event = (leaf) => [one(3) ? pick(names) : pick(names.slice(0, 3)), ...Array.from({ length: below(3) }, () => value(3, leaf))];

// What may stand as a packet's data.
const data = (leaf) => (one(3) ? pick([undefined, null, [], {}, { token: "secret" }, "text", 5, [1]]) : event(leaf));

const namespaces = ["/", "/", "/", "/custom", "/auth", "/missing", ""];

// One byte or a few are not what they were.
function damage(bytes) {
  const copy = Buffer.from(bytes);
  for (let faults = below(3); faults >= 0 && copy.length > 0; faults--) copy[below(copy.length)] = below(256);
  return one(4) ? copy.subarray(0, below(copy.length + 1)) : copy;
}

// ---- packets of the default parser: the text, and what comes after it ----

function text() {
  const type = one(10) ? pick(["7", "9", "x", "", "-"]) : pick(["0", "1", "2", "2", "2", "2", "3", "4", "5", "5", "6"]);
  const due = type === "5" || type === "6" ? 1 + below(3) : 0;
  const attachments = due ? (one(8) ? pick(["", "0", "11", "x", "1.5", "-1", "01"]) : String(due)) + (one(20) ? "" : "-") : one(20) ? "1-" : "";
  const nsp = pick(["", "", "", "/,", "/custom,", "/custom", "/auth,", "/missing,", "/a?b=c,"]);
  const id = one(2) ? "" : pick(["0", "7", "007", "9007199254740991", "-1", "1.5", "x", " "]);
  let json = JSON.stringify(data(() => (due ? { _placeholder: true, num: below(due + (one(10) ? 2 : 0)) } : {}))) ?? "";
  if (one(12)) json = pick(["[", "{}", "x", `${json}x`, ` ${json}`, json.slice(1), "null", '["a",]', "[NaN]", '["echo",1e400]', '["echo",-0]', '["echo",1.0]']);
  const bytes = Array.from({ length: one(10) ? below(5) : due }, (_, index) => Buffer.alloc(below(20), index));
  const packet = `4${type}${attachments}${nsp}${id}${json}`;
  return [one(8) ? `4${damage(packet.slice(1)).toString()}` : packet, ...bytes];
}

// ---- packets of the other one ----

const leaves = [() => Buffer.alloc(below(20), 7), () => new Date(below(2 ** 31) * 1000), () => undefined, () => NaN];

function msgpack() {
  const fields = { type: one(10) ? pick([5, -1, 1.5, "2", null, undefined]) : pick([0, 1, 2, 2, 2, 2, 3, 4]), nsp: one(12) ? pick([undefined, null, 5, {}]) : pick(namespaces) };
  if (!one(10)) fields.data = data(() => pick(leaves)());
  if (one(2)) fields.id = one(4) ? pick([null, "7", 1.5, {}, undefined]) : pick([0, 7, 2 ** 53 - 1]);
  if (one(10)) fields.options = { compress: true };
  const bytes = encode(one(20) ? pick([null, [], {}, 5, "text"]) : fields);
  return [one(8) ? damage(bytes) : one(30) ? pick(["4", "40", '42["echo"]']) : one(20) ? Buffer.concat([bytes, Buffer.from([0xc0])]) : bytes];
}

// ---- what ours does otherwise, and why ----

const reserved = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];
const named = ([name]) => typeof name === "number" || (typeof name === "string" && !reserved.includes(name));

// Each is asked about the first frame, and only where the nodes differ.
const exceptions = {
  default: {
    "an event or acknowledgement without payload: Node's client cannot read it": (packet) => /^4[2356](\d+-)?(\/[^,]*(,|$))?\d*$/.test(packet),
    "white space for the type or in the id, which is 0 to the reference": (packet) => /^4\s|^4\d(\d+-)?(\/[^,]*,)?\d*\s/.test(packet),
    "an id above 2^53 - 1": (packet) => /^4\d(\d+-)?(\/[^,]*,)?\d{16,}/.test(packet),
    "a number of attachments that is one to JavaScript only, as 1e0": (packet) => /^4[56](?!\d+-)[^-]*-/.test(packet),
  },
  msgpack: {
    "an event with a reserved name or none: the package lets it through to the handlers": (packet) => packet.type === 2 && !named(packet.data),
    "an id that JavaScript cannot count": ({ id }) => id < 0 || id > Number.MAX_SAFE_INTEGER,
    "a key that is no text, which comes of damage alone: the package makes one of it": (packet, bytes) => !encode(packet).equals(bytes),
  },
};

// The official server hands events on in a later tick: what closes the connection may overtake them.
function compare(ours, reference) {
  assert.equal(ours.closed, reference.closed);
  if (!ours.closed) return assert.deepEqual(ours.answers, reference.answers);
  for (const answer of reference.answers) assert(ours.answers.some((own) => isDeepStrictEqual(own, answer)), inspect(answer));
}

function understood(form, frame) {
  try {
    return form === "default" ? String(frame) : decode(frame);
  } catch {
    return undefined;
  }
}

for (const [form, packet] of Object.entries({ default: text, msgpack }))
  test(`${rounds} packets, parser ${form}`, { skip: kinds.length === 2 ? false : "compares two nodes" }, async (t) => {
    const speakers = await Promise.all(kinds.map(async (kind) => new Speaker(t, await startNode(t, kind, "--parser", form), form)));
    const seen = new Set();
    for (let round = 0; round < rounds; round++) {
      const frames = packet();
      const answers = await Promise.all(speakers.map((speaker) => speaker.say(frames)));
      try {
        compare(...answers);
      } catch (error) {
        const first = understood(form, frames[0]);
        const why = first && Object.keys(exceptions[form]).find((name) => exceptions[form][name](first, frames[0]));
        error.message += `\nround ${round}: ${inspect(frames)}\nours, reference: ${inspect(answers, { depth: 9 })}`;
        if (!why) throw error;
        seen.add(why);
        speakers.forEach((speaker) => speaker.restart());
      }
    }
    t.diagnostic(`${seen.size} of ${Object.keys(exceptions[form]).length} exceptions came up`);
  });
