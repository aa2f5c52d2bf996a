// RFC 6455 and RFC 7692 on the wire, each case named by its section: raw sockets against a server that sends every
// message back. What the official server does otherwise is shown for ours alone.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { within } from "./lib/later.js";
import { kinds, startEcho } from "./lib/node.js";
import { frame, openTcp, upgradeRequest } from "./lib/raw.js";

// ---- frames, both ways ----

const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
const names = { 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };

const text = (body, options) => frame(Buffer.concat([Buffer.from("4"), Buffer.from(body)]), options);
const bytes = (body, options) => frame(body, { opcode: BINARY, ...options });
const more = (body, options) => frame(body, { opcode: 0, ...options });
const ping = (body = "", options) => frame(body, { opcode: PING, ...options });
const pong = (body = "", options) => frame(body, { opcode: PONG, ...options });
const close = (code, reason = "") => frame(code === undefined ? "" : Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]), { opcode: CLOSE });
const open = { fin: false };

// The frames that stand in what came, as {opcode, rsv, payload}; what is masked or in pieces is a failure.
function* framesIn(data) {
  for (let at = 0; at + 2 <= data.length;) {
    const [first, second] = data.subarray(at);
    assert.equal(second & 0x80, 0, "a server does not mask (RFC 6455, 5.1)");
    assert.equal(first & 0x80, 0x80, "a message comes in one frame");
    const wide = { 126: 2, 127: 8 }[second] ?? 0;
    if (at + 2 + wide > data.length) return;
    const length = wide ? Number(BigInt(`0x${data.toString("hex", at + 2, at + 2 + wide)}`)) : second;
    assert(wide === 0 || length > (wide === 2 ? 125 : 65535), "the shortest form of a length (RFC 6455, 5.2)");
    at += 2 + wide;
    if (at + length > data.length) return;
    yield { opcode: first & 15, rsv: first >> 4 & 7, payload: data.subarray(at, at + length) };
    at += length;
  }
}

// As the cases have it: "4hello", Buffer, ["pong", "x"], ["close", 1002].
function told({ opcode, rsv, payload }) {
  assert(rsv === 0 || (rsv === 4 && opcode <= BINARY), "RSV1 marks a deflated message only (RFC 7692, 6)");
  if (rsv) payload = inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 255, 255])]), { finishFlush: constants.Z_SYNC_FLUSH });
  if (opcode === TEXT) return payload.toString();
  if (opcode === BINARY) return Buffer.from(payload);
  if (opcode === CLOSE) return payload.length ? ["close", payload.readUInt16BE(), ...(payload.length > 2 ? [payload.subarray(2).toString()] : [])] : ["close"];
  return [names[opcode], payload.toString()];
}

class Peer {
  static async open(t, node, headers = "") {
    const peer = new Peer();
    peer.socket = await openTcp(t, node);
    peer.socket.setNoDelay(true);
    peer.socket.write(upgradeRequest(undefined, headers, "/engine.io/"));
    peer.start = (await peer.socket.has(/\r\n\r\n/)).indexOf("\r\n\r\n") + 4;
    const [greeting] = await peer.until((frames) => frames.length > 0, "the open packet");
    assert.match(told(greeting), /^0\{"sid"/);
    peer.seen = 1;
    return peer;
  }

  frames() {
    return [...framesIn(Buffer.from(this.socket.text.slice(this.start), "latin1"))].slice(this.seen ?? 0);
  }

  async until(holds, what) {
    await within(new Promise((resolve) => {
      const check = () => holds(this.frames()) && (this.socket.off("data", check), resolve());
      this.socket.on("data", check);
      check();
    }), what);
    return this.frames();
  }

  // In pieces of `size` bytes, each in a segment of its own as far as that can be had.
  async write(data, size = data.length) {
    for (let at = 0; at < data.length; at += size) {
      this.socket.write(data.subarray(at, at + size));
      if (at + size < data.length) await new Promise(setImmediate);
    }
  }
}

const ends = (frames) => frames.some(({ opcode }) => opcode === CLOSE);
const isFence = (frame) => frame.opcode === TEXT && told(frame) === "4fence";

// What comes back: up to the close frame, or up to a message that is sent behind the case.
async function answers(t, node, { data, after, headers, size }) {
  const peer = await Peer.open(t, node, headers);
  if (after) {
    peer.socket.write(text(after));
    await peer.until((frames) => frames.length > 0, "the answer to a good message");
  }
  await peer.write(data, size);
  peer.socket.write(text("fence"));
  const frames = await peer.until((got) => ends(got) || got.some(isFence), "an end or an answer");
  if (ends(frames)) {
    peer.socket.write(close(1000));
    await within(peer.socket.gone, "the end of the connection");
  }
  return peer.frames().filter((frame) => !isFence(frame)).map(told);
}

// Pongs and messages are in order among themselves only.
const inOrder = (answers) => [...answers.filter((answer) => !Array.isArray(answer)), ...answers.filter(Array.isArray)];

// ---- RFC 6455 ----

const lengths = [0, 1, 124, 125, 126, 127, 128, 65534, 65535, 65536, 200_000];
const asText = (body) => `4${body}`;
const cases = {};
const own = {};
const add = (name, data, expected, options) => (cases[name] = { data: Buffer.concat([data].flat()), expected, ...options });
const addOwn = (name, data, expected, options) => (own[name] = { data: Buffer.concat([data].flat()), expected, ...options });

for (const length of lengths) {
  add(`RFC 6455 5.6: text of ${length} characters`, text("*".repeat(length)), [asText("*".repeat(length))]);
  add(`RFC 6455 5.6: ${length} bytes`, bytes(Buffer.alloc(length, 0xfe)), [Buffer.alloc(length, 0xfe)]);
}
for (const length of [0, 125, 126, 65536]) {
  const size = length > 1000 ? 997 : 1;
  add(`RFC 6455 5.2: text of ${length} characters, cut every ${size} bytes`, text("*".repeat(length)), [asText("*".repeat(length))], { size });
}
add("RFC 6455 5.6: many messages in one segment", Array.from({ length: 200 }, (_, index) => text(String(index))), Array.from({ length: 200 }, (_, index) => asText(index)));

add("RFC 6455 5.1: a frame that is not masked", text("b", { masked: false }), ["4a", ["close", 1002]], { after: "a" });
add("RFC 6455 5.1: a ping that is not masked", ping("", { masked: false }), [["close", 1002]]);
add("RFC 6455 5.3: a masking key of zeros", Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x61]), ["4a"]);

for (let rsv = 1; rsv < 8; rsv++) {
  add(`RFC 6455 5.2: reserved bits ${rsv.toString(2).padStart(3, "0")} on a text`, text("bad", { rsv }), ["4good", ["close", 1002]], { after: "good" });
  add(`RFC 6455 5.2: reserved bits ${rsv.toString(2).padStart(3, "0")} on a ping`, ping("", { rsv }), [["close", 1002]]);
  add(`RFC 6455 5.2: reserved bits ${rsv.toString(2).padStart(3, "0")} on a close`, frame("", { opcode: CLOSE, rsv }), [["close", 1002]]);
}
for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
  add(`RFC 6455 5.2: opcode ${opcode}, empty`, frame("", { opcode }), [["close", 1002]]);
  add(`RFC 6455 5.2: opcode ${opcode} after a message`, [frame("reserved", { opcode }), ping("late")], ["4good", ["close", 1002]], { after: "good" });
}
for (const high of ["8000000000000000", "ffffffffffffffff"])
  addOwn(`RFC 6455 5.2: a length of 0x${high}`, Buffer.from(`81ff${high}00000000`, "hex"), [["close", 1002]]);
add("RFC 6455 10.4: a length of 2^53", Buffer.from("82ff002000000000000000000000", "hex"), [["close", 1009]]);

add("RFC 6455 5.5.2: an empty ping", ping(), [["pong", ""]]);
add("RFC 6455 5.5.2: a ping with text", ping("hello"), [["pong", "hello"]]);
add("RFC 6455 5.5.2: a ping of 125 bytes", ping("x".repeat(125)), [["pong", "x".repeat(125)]]);
add("RFC 6455 5.5: a ping of 126 bytes", ping("x".repeat(126)), [["close", 1002]]);
add("RFC 6455 5.5.2: pings are answered in order", Array.from({ length: 10 }, (_, index) => ping(`${index}`)), Array.from({ length: 10 }, (_, index) => ["pong", `${index}`]));
add("RFC 6455 5.5.2: pings in pieces of a byte", Array.from({ length: 10 }, (_, index) => ping(`${index}`)), Array.from({ length: 10 }, (_, index) => ["pong", `${index}`]), { size: 1 });
add("RFC 6455 5.5.3: a pong that nobody asked for", [pong(), pong("x"), ping("y")], [["pong", "y"]]);

add("RFC 6455 5.4: two fragments", [text("one", open), more("two")], ["4onetwo"]);
add("RFC 6455 5.4: two fragments, byte by byte", [text("one", open), more("two")], ["4onetwo"], { size: 1 });
add("RFC 6455 5.4: fragments of bytes", [bytes("\x01", open), more("\x02", open), more("\x03")], [Buffer.from([1, 2, 3])]);
add("RFC 6455 5.4: empty fragments", [text("", open), more("", open), more("")], ["4"]);
add("RFC 6455 5.4: an empty fragment between", [text("a", open), more("", open), more("b")], ["4ab"]);
add("RFC 6455 5.4: a thousand fragments", [text("", open), ...Array.from({ length: 1000 }, () => more("x", open)), more("")], [asText("x".repeat(1000))]);
add("RFC 6455 5.4: pings between fragments", [text("a", open), ping("1"), more("b", open), ping("2"), more("c")], [["pong", "1"], ["pong", "2"], "4abc"]);
add("RFC 6455 5.5: a ping in fragments", [ping("a", open), more("b")], [["close", 1002]]);
add("RFC 6455 5.5: a pong in fragments", [pong("a", open), more("b")], [["close", 1002]]);
add("RFC 6455 5.5: a close frame in fragments", [frame("\x03\xe8", { opcode: CLOSE, fin: false }), more("")], [["close", 1002]]);
for (const [what, fin] of [["", true], [" that is not the last", false]]) {
  add(`RFC 6455 5.4: a continuation of nothing${what}`, more("x", { fin }), [["close", 1002]]);
  add(`RFC 6455 5.4: a continuation of nothing${what}, after a message`, more("x", { fin }), ["4good", ["close", 1002]], { after: "good" });
  add(`RFC 6455 5.4: a text${what} within a message`, [text("a", open), text("b", { fin })], [["close", 1002]]);
  add(`RFC 6455 5.4: bytes${what} within a message`, [text("a", open), bytes("b", { fin })], [["close", 1002]]);
}

add("RFC 6455 5.5.1: a close frame without a body", close(), [["close"]]);
add("RFC 6455 5.5.1: a body of one byte", frame("x", { opcode: CLOSE }), [["close", 1002]]);
for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]) add(`RFC 6455 7.4.1: the code ${code} comes back`, close(code), [["close", code]]);
for (const code of [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]) add(`RFC 6455 7.4.1: the code ${code} is none`, close(code), [["close", 1002]]);
add("RFC 6455 5.5.1: a close frame of 125 bytes", close(1000, "x".repeat(123)), [["close", 1000, "x".repeat(123)]]);
add("RFC 6455 5.5: a close frame of 126 bytes", close(1000, "x".repeat(124)), [["close", 1002]]);
add("RFC 6455 7.1.6: a reason that is not UTF-8", close(1000, Buffer.from("cebae1bdb9cf83cebcceb5eda080656469746564", "hex")), [["close", 1007]]);
add("RFC 6455 5.5.1: nothing is answered after a close frame", [close(1000), ping("late"), text("late")], [["close", 1000]]);
add("RFC 6455 5.5.1: two close frames", [close(1000), close(1001)], [["close", 1000]]);
add("RFC 6455 5.4: a close frame between fragments", [text("a", open), close(1000), more("b")], [["close", 1000]]);
add("RFC 6455 5.5.1: a ping before a close frame is answered", [ping("b"), close(1000)], [["pong", "b"], ["close", 1000]]);

const utf8 = {
  valid: ["", "Hello-µ@ßöäüàá-UTF-8!!", "κόσμε", "\u0080\u07ff\u0800\ud7ff\ue000\ufffd\uffff", "\u{10000}\u{10ffff}", "\ufeff", "\u0000", "\ufdd0\u{1fffe}"],
  invalid: ["80", "bf", "8080", "c0", "c080", "c0af", "c1bf", "c3", "c328", "e0", "e080af", "e08080", "e28228", "e282", "eda080", "edbfbf", "eda080edb080", "f0", "f08080af", "f0808080", "f090", "f0908d", "f48fbf", "f4908080", "f5808080", "f888808080", "fc8080808080", "fe", "ff", "cebae1bdb9cf83cebcceb5eda080656469746564"],
};
for (const body of utf8.valid) {
  const data = Buffer.from(`4${body}`);
  const spoken = JSON.stringify(body);
  add(`RFC 6455 8.1: ${spoken}`, frame(data), [asText(body)]);
  add(`RFC 6455 8.1: ${spoken} in fragments of a byte`, [...data].map((byte, index) => frame(Buffer.from([byte]), { opcode: index ? 0 : TEXT, fin: index === data.length - 1 })), [asText(body)]);
}
for (const hex of utf8.invalid) {
  add(`RFC 6455 8.1: ${hex} is not UTF-8`, text(Buffer.from(hex, "hex")), [["close", 1007]]);
  add(`RFC 6455 8.1: ${hex} in fragments is not UTF-8`, [text("", open), ...[...Buffer.from(hex, "hex")].map((byte) => more(Buffer.from([byte]), open)), more("")], [["close", 1007]]);
}
add("RFC 6455 5.6: bytes need not be UTF-8", bytes(Buffer.from("c0af", "hex")), [Buffer.from("c0af", "hex")]);
addOwn("RFC 6455 8.1: text that is none fails before its end", text(Buffer.from("eda080", "hex"), open), [["close", 1007]]);

const most = 1_000_000;
add("RFC 6455 10.4: a message of the longest length", bytes(Buffer.alloc(most)), [Buffer.alloc(most)]);
add("RFC 6455 10.4: one byte more", bytes(Buffer.alloc(most + 1)), [["close", 1009]]);
add("RFC 6455 10.4: one byte more in fragments", [bytes(Buffer.alloc(most), open), more("x")], [["close", 1009]]);
addOwn("RFC 6455 10.4: a length alone is enough to refuse", Buffer.from("82ff00000000000f424100000000", "hex"), [["close", 1009]]);

// ---- RFC 7692 ----

const offer = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n";
const deflates = {};
const deflatesOwn = {};
const rsv1 = { rsv: 4 };
const hex = (digits) => Buffer.from(digits, "hex");
const pack = (data, options) => deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, ...options }).subarray(0, -4);
const addDeflated = (name, data, expected, options) => (deflates[name] = { data: Buffer.concat([data].flat()), expected, headers: offer, ...options });
const addDeflatedOwn = (name, data, expected) => (deflatesOwn[name] = { data: Buffer.concat([data].flat()), expected, headers: offer });
const hello = Buffer.from("Hello");

addDeflated("RFC 7692 7.2.3.1: one block", bytes(hex("f248cdc9c90700"), rsv1), [hello]);
addDeflated("RFC 7692 7.2.3.1: one block in fragments", [bytes(hex("f248cd"), { ...rsv1, ...open }), more(hex("c9c90700"))], [hello]);
addDeflated("RFC 7692 7.2.3.3: a block that is not compressed", bytes(hex("000500faff48656c6c6f00"), rsv1), [hello]);
addDeflated("RFC 7692 7.2.3.4: a block with BFINAL set", bytes(hex("f348cdc9c9070000"), rsv1), [hello]);
addDeflated("RFC 7692 7.2.3.5: two blocks", bytes(hex("f24805000000ffffcac9c90700"), rsv1), [hello]);
addDeflated("RFC 7692 7.2.3.6: an empty message", bytes(hex("00"), rsv1), [Buffer.alloc(0)]);
addDeflatedOwn("RFC 7692 7.1.1.2: a window of an earlier message is not shared", bytes(hex("f200110000"), rsv1), [["close", 1007]]);
addDeflated("RFC 7692 6: plain messages stay allowed", [text("plain"), text("deflated".repeat(20), { rsv: 0 })], ["4plain", asText("deflated".repeat(20))]);
addDeflated("RFC 7692 6.1: pings between the fragments of a deflated message", [bytes(hex("f248cd"), { ...rsv1, ...open }), ping("x"), more(hex("c9c90700"))], [["pong", "x"], hello]);
addDeflated("RFC 7692 6.1: RSV1 on a continuation", [bytes(hex("f248cd"), { ...rsv1, ...open }), more(hex("c9c90700"), rsv1)], [["close", 1002]]);
addDeflated("RFC 7692 6.1: RSV1 on a ping", ping("", rsv1), [["close", 1002]]);
addDeflated("RFC 7692 6.1: RSV1 on a close", frame("", { opcode: CLOSE, rsv: 4 }), [["close", 1002]]);
addDeflated("RFC 7692 6: RSV2 has no meaning", bytes(hex("f248cdc9c90700"), { rsv: 6 }), [["close", 1002]]);
addDeflatedOwn("RFC 7692 7.2.2: what does not inflate", bytes(Buffer.alloc(10, 0xff), rsv1), [["close", 1007]]);
addDeflatedOwn("RFC 7692 7.2.2: a block that is cut off", bytes(pack("x".repeat(3000) + "y").subarray(0, 4), rsv1), [["close", 1007]]);
addDeflated("RFC 6455 8.1: deflated text that is not UTF-8", frame(pack(hex("34c0af")), rsv1), [["close", 1007]]);
addDeflated("RFC 6455 10.4: a deflated message that inflates to the longest length", bytes(pack(Buffer.alloc(most)), rsv1), [Buffer.alloc(most)]);
addDeflated("RFC 6455 10.4: one byte more when inflated", bytes(pack(Buffer.alloc(most + 1)), rsv1), [["close", 1009]]);
for (const length of [16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072])
  for (const [what, options] of [["", {}], [" at level 1", { level: 1 }], [" not compressed", { level: 0 }], [" by a window of 2^9", { windowBits: 9 }]]) {
    const body = Array.from({ length: Math.ceil(length / 8) }, (_, index) => `{"${index % 97}"},`).join("").slice(0, length);
    addDeflated(`RFC 7692 7.2.1: ${length} characters${what}`, [frame(pack(`4${body}`, options), rsv1), bytes(pack(Buffer.from(body), options), rsv1)], [asText(body), Buffer.from(body)]);
  }

// Without megabytes in what is said of a difference.
const brief = (answer) => (answer.length > 1000 ? `${answer.constructor.name} of ${answer.length}, ${createHash("sha1").update(answer).digest("hex")}` : answer);
const same = (actual, expected) => assert.deepEqual(actual.map(brief), expected.map(brief));

async function run(t, node, table) {
  for (const [name, example] of Object.entries(table))
    await t.test(name, async (t) => same(inOrder(await answers(t, node, example)), inOrder(example.expected)));
}

for (const kind of kinds) {
  test(`${kind}: frames`, async (t) => run(t, await startEcho(t, kind), kind === "ours" ? { ...cases, ...own } : cases));
  for (const threshold of ["1", "1000000"])
    test(`${kind}: permessage-deflate, from ${threshold} bytes`, async (t) => run(t, await startEcho(t, kind, "--deflate", threshold), kind === "ours" ? { ...deflates, ...deflatesOwn } : deflates));
}

// ---- the opening handshake ----

const handshake = (change = (request) => request) => change(upgradeRequest(undefined, "", "/engine.io/"));
const header = (name, value) => (request) => request.replace(new RegExp(`${name}: .*\r\n`), value === undefined ? "" : `${name}: ${value}\r\n`);
const handshakes = {
  "4.2.1: as it should be": [handshake(), 101],
  "4.2.1: names and tokens in any case": [handshake((request) => request.replace("Upgrade: websocket", "uPGRADE: WebSocket").replace("Connection: Upgrade", "CONNECTION: uPGRADE")), 101],
  "4.2.1: Upgrade among other tokens of Connection": [handshake(header("Connection", "keep-alive, Upgrade")), 101],
  "4.2.1: no Sec-WebSocket-Key": [handshake(header("Sec-WebSocket-Key")), 400],
  "4.2.1: a key that is not 16 bytes": [handshake(header("Sec-WebSocket-Key", "c2hvcnQ=")), 400],
  "4.2.1: another method": [handshake((request) => request.replace("GET", "POST")), 400],
  "4.4: version 12": [handshake(header("Sec-WebSocket-Version", "12")), 400],
  "4.4: no version": [handshake(header("Sec-WebSocket-Version")), 400],
};

for (const kind of kinds)
  test(`${kind}: opening handshakes`, async (t) => {
    const node = await startEcho(t, kind);
    for (const [name, [request, status]] of Object.entries(handshakes))
      await t.test(`RFC 6455 ${name}`, async (t) => {
        const socket = await openTcp(t, node);
        socket.write(request);
        assert.equal(Number((await socket.has(/\r\n\r\n/)).slice(9, 12)), status);
      });

    await t.test("RFC 6455 4.2.2: the answer to the key", async (t) => {
      const socket = await openTcp(t, node);
      socket.write(handshake(header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")));
      const head = await socket.has(/\r\n\r\n/);
      assert.match(head, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
      assert.match(head, /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/i);
      assert.match(head, /\r\nUpgrade: websocket\r\n/i);
      assert.match(head, /\r\nConnection: Upgrade\r\n/i);
      assert.doesNotMatch(head, /sec-websocket-(extensions|protocol)/i);
    });
  });
