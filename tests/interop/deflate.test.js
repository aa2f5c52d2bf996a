// permessage-deflate (RFC 7692): who negotiates it, what is deflated for whom, and what a peer may not do with it.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { deflateRawSync, constants } from "node:zlib";
import { ask, collect, connect, ctl, next, reasonOf } from "./lib/clients.js";
import { within } from "./lib/later.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { frame, joinPolling, joinWebSocket, openTcp, openTcpWebSocket, upgradeRequest } from "./lib/raw.js";

const own = kinds.includes("ours") ? {} : { skip: "about ours only" };
const json = (length) => JSON.stringify(Array.from({ length: length / 40 }, (_, id) => ({ id, name: `the name of ${id}`, good: true }))).padEnd(length, " ").slice(0, length);
const values = {
  "a word": ["word"],
  "nothing": [""],
  "a little text": [json(1100)],
  "text that is no ASCII": ["grüße €😀 ".repeat(1000)],
  "much text": [json(300_000)],
  "text that hardly shrinks": [randomBytes(40_000).toString("hex")],
  "binary": [Buffer.alloc(50_000, "binary "), Buffer.alloc(0), Buffer.from("short")],
  "binary that does not shrink": [randomBytes(70_000)],
  "both": [{ text: json(2000), bytes: Buffer.alloc(2000) }],
};

for (const kind of kinds)
  for (const over of ["websocket", "upgrade"])
    test(`${kind}: official clients, ${over}`, async (t) => {
      const node = await startNode(t, kind, "--deflate", "1024");
      const socket = await connect(t, node, { over });
      const { ws } = socket.io.engine.transport;
      assert.match(ws.extensions, /^permessage-deflate/);
      for (const [name, args] of Object.entries(values))
        await t.test(name, async () => {
          assert.deepEqual(await ask(socket, "echo", ...args), args);
          socket.emit("message", ...args);
          assert.deepEqual(await next(socket, "message-back"), args);
        });
      const [before, length] = [ws._socket.bytesRead, 300_000];
      assert.deepEqual(await ask(socket, "echo", json(length)), [json(length)]);
      assert(ws._socket.bytesRead - before < length / 3);
      assert(ws._socket.bytesWritten < length * 2);
    });

for (const kind of kinds)
  test(`${kind}: without the option nobody gets it`, async (t) => {
    const node = await startNode(t, kind);
    const socket = await connect(t, node);
    assert.equal(socket.io.engine.transport.ws.extensions, "");
    assert.deepEqual(await ask(socket, "echo", json(5000)), [json(5000)]);
  });

// What ws offers, and whether a text of 1,700 bytes comes deflated then.
const offers = {
  "as it comes": [true, true],
  "without context": [{ serverNoContextTakeover: true, clientNoContextTakeover: true }, true],
  "a server's window of 15": [{ serverMaxWindowBits: 15 }, true],
  "a server's window of 12": [{ serverMaxWindowBits: 12 }, true],
  "a server's window of 11, which has room for it": [{ serverMaxWindowBits: 11 }, true],
  "a client's window of 9": [{ clientMaxWindowBits: 9 }, true],
  "any client's window": [{ clientMaxWindowBits: true, threshold: 0 }, true],
  "both windows of 12": [{ serverMaxWindowBits: 12, clientMaxWindowBits: 12, threshold: 0 }, true],
};
const narrow = { "a server's window of 10": [{ serverMaxWindowBits: 10 }, false], "a server's window of 9": [{ serverMaxWindowBits: 9 }, false] };

for (const kind of kinds)
  for (const [name, [perMessageDeflate, shrinks]] of Object.entries(kind === "ours" ? { ...offers, ...narrow } : offers))
    test(`${kind}: offered ${name}`, async (t) => {
      const node = await startNode(t, kind, "--deflate", "100");
      const socket = await joinWebSocket(t, node, { perMessageDeflate });
      const text = json(1700);
      assert.match(socket.extensions, /^permessage-deflate/);
      for (const compress of [true, false, true]) {
        const before = socket._socket.bytesRead;
        socket.send(`42${JSON.stringify(["message", text])}`, { compress });
        assert.deepEqual(await socket.next(), `42${JSON.stringify(["message-back", text])}`);
        assert.equal(socket._socket.bytesRead - before < 1500, shrinks);
      }
      for (const length of [1, 100, 300, 5000, 40_000]) {
        socket.send(`42${JSON.stringify(["message", json(length)])}`);
        assert.deepEqual(JSON.parse((await socket.next()).slice(2)), ["message-back", json(length)]);
      }
    });

for (const kind of kinds)
  test(`${kind}: fragments of a deflated message`, async (t) => {
    const node = await startNode(t, kind, "--deflate", "1024");
    const socket = await joinWebSocket(t, node, { perMessageDeflate: { threshold: 0 } });
    const text = `42${JSON.stringify(["message", json(9000)])}`;
    for (let at = 0; at < text.length; at += 1000) {
      socket.send(text.slice(at, at + 1000), { compress: true, fin: at + 1000 >= text.length });
      socket.ping();
    }
    assert.deepEqual(JSON.parse((await socket.next()).slice(2)), ["message-back", json(9000)]);
  });

// ---- ours: one form for all ----

const deflated = async (control) => (await ctl(control, "stats")).deflated;

test("ours: a broadcast is deflated once, for receivers of all kinds", own, async (t) => {
  const node = await startNode(t, ours, "--deflate", "1024", "--max-payload", "3000000");
  const control = await connect(t, node, { perMessageDeflate: false });
  assert.equal(control.io.engine.transport.ws.extensions, "");
  const options = [{}, {}, { over: "upgrade" }, { over: "polling" }, { perMessageDeflate: false }, { perMessageDeflate: { serverMaxWindowBits: 9 } }, { perMessageDeflate: { serverMaxWindowBits: 13 } }];
  const sockets = await Promise.all(Array.from({ length: 28 }, (_, index) => connect(t, node, options[index % options.length])));
  const receivers = sockets.map((socket) => collect(socket, "news"));
  const before = await deflated(control);
  const args = [json(5000), Buffer.alloc(5000, "attached "), Buffer.from("short")];
  await ctl(control, "emit", { event: "news", args });
  for (const receiver of receivers) assert.deepEqual(await receiver.until(1), [args]);
  assert.equal(await deflated(control), before + 2);

  await ctl(control, "emit", { event: "news", args: ["below the threshold"] });
  await ctl(control, "emit", { event: "news", args: [json(5000)], flags: { compress: false } });
  await ctl(control, "emit", { event: "news", args: [json(2_000_000)] });
  for (const receiver of receivers)
    assert.deepEqual((await receiver.until(4)).slice(1), [["below the threshold"], [json(5000)], [json(2_000_000)]]);
  assert.equal(await deflated(control), before + 2);
});

test("ours: what a slow reader leaves is deflated as well, and in order", own, async (t) => {
  const node = await startNode(t, ours, "--deflate", "1024", "--max-buffered", "200000000", "--ping-interval", "300000"); // none in between
  const control = await connect(t, node);
  const slow = await joinWebSocket(t, node, { perMessageDeflate: true });
  slow._socket.pause();
  const noise = randomBytes(150_000).toString("hex");
  const args = (index) => [index, noise, Buffer.from(noise)];
  for (let index = 0; index < 60; index++) await ctl(control, "emit", { event: "news", args: args(index) });
  slow._socket.resume();
  for (let index = 0; index < 60; index++) {
    assert.match(await slow.next(), new RegExp(`^451-\\["news",${index},"${noise.slice(0, 50)}`));
    assert(Buffer.from(noise).equals(await slow.next()));
  }
  assert(slow._socket.bytesRead < 60 * 1.5 * noise.length);
});

// ---- ours: the handshake by hand ----

async function answerTo(t, node, ...lines) {
  const socket = await openTcp(t, node);
  socket.write(upgradeRequest(undefined, lines.map((line) => `Sec-WebSocket-Extensions: ${line}\r\n`).join("")));
  const [head] = (await socket.has(/\r\n\r\n/)).split("\r\n\r\n");
  return [Number(head.slice(9, 12)), /^sec-websocket-extensions: (.*)$/im.exec(head)?.[1]];
}

const plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

test("ours: offers and answers", own, async (t) => {
  const node = await startNode(t, ours, "--deflate", "1024");
  for (const [lines, answer] of [
    [[], undefined],
    [["permessage-deflate; client_max_window_bits"], plain],
    [["x-other; a=1", 'permessage-deflate; server_max_window_bits="10"', "permessage-deflate"], `${plain}; server_max_window_bits=10`],
    [["permessage-deflate; server_max_window_bits=16, permessage-deflate; client_max_window_bits=9"], `${plain}; client_max_window_bits=9`],
    [["permessage-deflate; server_max_window_bits=16"], undefined],
    [["permessage-deflate; who=knows"], undefined],
    [["x-other"], undefined],
  ])
    assert.deepEqual(await answerTo(t, node, ...lines), [101, answer], lines.join(" | "));
  for (const lines of [[""], ["permessage-deflate;"], ["permessage-deflate", "a;;"], ["(x)"]])
    assert.deepEqual(await answerTo(t, node, ...lines), [400, undefined], lines.join(" | "));
  const off = await startNode(t, ours);
  for (const lines of [["permessage-deflate"], ["(x)"]]) assert.deepEqual(await answerTo(t, off, ...lines), [101, undefined]);
});

// ---- ours: what a peer may not do ----

const pack = (data) => deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
const inPieces = (data, size) =>
  Buffer.concat(Array.from({ length: Math.ceil(data.length / size) }, (_, index) =>
    frame(data.subarray(index * size, (index + 1) * size), { opcode: index ? 0 : 1, rsv: index ? 0 : 4, fin: (index + 1) * size >= data.length })));
const hostile = {
  "a bomb": [frame(pack(Buffer.alloc(100_000_000, "4")), { rsv: 4 }), 1009],
  "a bomb in pieces": [inPieces(pack(Buffer.alloc(100_000_000, "4")), 1000), 1009],
  "one byte too many": [frame(pack("4".repeat(1_000_001)), { rsv: 4 }), 1009],
  "what does not inflate": [frame("Hello", { rsv: 4 }), 1007],
  "half a block": [frame(pack(json(5000)).subarray(0, 300), { rsv: 4 }), 1007],
  "text that is none": [frame(pack(Buffer.from("4\xff", "latin1")), { rsv: 4 }), 1007],
  "RSV1 on a ping": [frame(pack("x"), { rsv: 4, opcode: 9 }), 1002],
  "RSV1 on a continuation": [Buffer.concat([frame("4", { fin: false }), frame(pack("x"), { rsv: 4, opcode: 0 })]), 1002],
  "RSV2": [frame(pack("x"), { rsv: 6 }), 1002],
};

test("ours: hostile messages end their connection only", own, async (t) => {
  const node = await startNode(t, ours, "--deflate", "1024");
  const control = await connect(t, node);
  for (const [name, [bytes, code]] of Object.entries(hostile))
    await t.test(name, async (t) => {
      const socket = await openTcpWebSocket(t, node, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
      socket.write(frame("40"));
      const [, id] = /40\{"sid":"([^"]+)"/.exec(await socket.has(/"auth"/));
      socket.write(bytes);
      await socket.has(new RegExp(`\\x88\\x02\\x03${String.fromCharCode(code & 255)}$`, "s"));
      await within(socket.gone, "the end of the connection");
      assert.equal(await reasonOf(control, id), "transport error");
      assert.deepEqual(await ask(control, "echo", json(5000)), [json(5000)]);
    });
});

test("ours: polling and the upgrade leave nothing to deflate twice", own, async (t) => {
  const node = await startNode(t, ours, "--deflate", "1");
  const control = await connect(t, node, { perMessageDeflate: false });
  const polling = await joinPolling(node);
  const before = await deflated(control);
  await ctl(control, "emit", { event: "news", args: [json(5000)] });
  assert.deepEqual(JSON.parse((await polling.next()).slice(2)), ["news", json(5000)]);
  assert.equal(await deflated(control), before);
});
