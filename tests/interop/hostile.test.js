// What no client should do: the one who does it is closed, and nobody else notices.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, collect, connect, ctl, eventually, reasonOf } from "./lib/clients.js";
import { later, within } from "./lib/later.js";
import { mutations } from "./lib/mutate.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { frame, joinPolling, joinWebSocket, openPolling, openTcp, openTcpWebSocket, openWebSocket, upgradeRequest } from "./lib/raw.js";

const own = kinds.includes("ours") ? {} : { skip: "about ours only" };
// Who does not read answers no ping either, and is to be closed for what it has not read.
const unpinged = ["--ping-interval", "600000"];

// A client that asks all the time; good() ends it and shows that it never waited in vain.
async function bystander(t, node, over = "websocket") {
  const socket = await connect(t, node, { over });
  let running = true;
  let count = 0;
  const asking = (async () => {
    while (running) {
      assert.deepEqual(await ask(socket, "echo", count), [count]);
      count++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  asking.catch(() => {});
  later(t, () => (running = false));
  return {
    socket,
    async good() {
      running = false;
      await asking;
      assert(count > 0 && socket.connected);
    },
  };
}

// ---- packets ----

const binary = Buffer.from("bytes");
const malformed = {
  "no Engine.IO packet": [["x"], ["9"], ["\u0000"], [" "], ["é"]],
  "an Engine.IO packet for the other direction": [["2"]],
  "no Socket.IO packet": [["4"], ["4x"], ["47"], ["4-"], ["4 "], ["4é"]],
  "binary that nobody announced": [[binary], [Buffer.alloc(0)]],
  "events without a name": [["42{}"], ["42[]"], ["42null"], ['42"text"'], ["42[null]"], ["42[{}]"], ["42[true]"], ["42[[]]"]],
  "broken JSON": [["42["], ["42[,"], ['42["a"'], ['42["a",]'], ['42["a"]x'], ['42["a"]["b"]'], ["42['a']"], ['42["a",undefined]'], ['42["a",NaN]'], ['42["a",01]'], ['42["\\u12"]'], ['42["a\n"]']],
  "reserved names": ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"].map((name) => [`42["${name}"]`]),
  "acknowledgements that are none": [["431{}"], ['431"x"'], ["431["], ["431null"]],
  "a DISCONNECT with a payload": [["41{}"], ["41[]"]],
  "CONNECT twice": [["40"], ["40{}"]],
  "a CONNECT with what is no object": [["40/custom,[]"], ['40/custom,"x"'], ["40/custom,{"]],
  "a CONNECT_ERROR from a client": [['44{"message":"x"}']],
  "a namespace that was not joined": [['42/custom,["a"]'], ["41/custom,"], ["43/custom,1[]"]],
  "counts of attachments": [['45-["a"]'], ['451["a"]'], ['45x-["a"]'], ['451.5-["a"]'], ['4599999999999999999999-["a"]'], ['4511-["a"]']],
  "text while attachments are due": [['451-["a",{"_placeholder":true,"num":0}]', '42["b"]']],
  "placeholders that point nowhere": [1, -1, '"0"', "null", 1e9].map((num) => [`451-["a",{"_placeholder":true,"num":${num}}]`, binary]),
};

// The official server takes these.
const malformedForOurs = {
  "an event without a payload": [["42"], ["421"], ["42/,"]],
  "half of a placeholder": [['451-["a",{"_placeholder":true,"num":0.5}]', binary]],
  "an id that no number holds": [['4299999999999999999999["echo"]']],
  "100,000 levels of JSON": [[`42["echo",${"[".repeat(100_000)}${"]".repeat(100_000)}]`], [`42["echo",${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}]`], [`42["echo",${"[".repeat(900_000)}`]],
  "an auth of 100,000 levels": [[`40/custom,{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`]],
};

async function closesFor(t, node, messages) {
  const socket = await joinWebSocket(t, node);
  for (const message of messages) socket.send(message);
  await within(socket.closed, `the close after ${String(messages[0]).slice(0, 60)}`);
  return socket.id;
}

for (const kind of kinds)
  test(`${kind}: malformed packets by WebSocket`, async (t) => {
    const node = await startNode(t, kind);
    const { socket: control, good } = await bystander(t, node);
    const tables = kind === "ours" ? { ...malformed, ...malformedForOurs } : malformed;
    for (const [what, cases] of Object.entries(tables))
      await t.test(what, async (t) => {
        for (const messages of cases) {
          const id = await closesFor(t, node, messages);
          assert.match(await reasonOf(control, id), /^(parse error|transport error|forced close|forced server close)$/);
        }
      });
    await good();
  });

for (const kind of kinds)
  test(`${kind}: reasons for the end`, async (t) => {
    const node = await startNode(t, kind);
    const control = await connect(t, node);
    for (const [message, reason] of [["x", "parse error"], ["4x", "forced close"], ["4", "forced close"], ["42[]", "forced close"], [binary, "forced close"], ["40", "forced close"], ["2", "transport error"]])
      assert.equal(await reasonOf(control, await closesFor(t, node, [message])), reason);
  });

test("ours: a malformed payload by polling ends the session at once", own, async (t) => {
  const node = await startNode(t, ours);
  const { socket: control, good } = await bystander(t, node, "polling");
  for (const body of ["x", "4x", "42[]", "", "\x1e", '42["echo",1]\x1e', '42["echo",1]\x1ex', "4\x1e", '42["a"', '451-["a",{"_placeholder":true,"num":0}]\x1e42["b"]']) {
    const polling = await joinPolling(node);
    await (await polling.post(body)).text();
    assert.match(await reasonOf(control, polling.id), /^(parse error|forced close)$/, JSON.stringify(body));
    let poll = await polling.request();
    if (poll.status === 200) {
      assert.match(await poll.text(), /(^|\x1e)1$/);
      poll = await polling.request();
    }
    assert.deepEqual(await poll.json(), { code: 1, message: "Session ID unknown" });
  }
  await good();
});

test("ours: after a 413 the session is over", own, async (t) => {
  const node = await startNode(t, ours, "--max-payload", "1000");
  const { good } = await bystander(t, node);
  const chunks = async function* () {
    for (let sent = 0; sent < 100; sent++) yield "x".repeat(100);
  };
  for (const options of [{ body: "x".repeat(1001) }, { body: chunks(), duplex: "half" }]) {
    const polling = await openPolling(node);
    assert.equal((await polling.request({ method: "POST", ...options })).status, 413);
    assert.deepEqual(await (await polling.request()).json(), { code: 1, message: "Session ID unknown" });
  }
  await good();
});

// ---- frames ----

const claim = (length64) => Buffer.concat([Buffer.from([0x81, 0xff]), Buffer.from(length64, "hex"), Buffer.alloc(4)]);
const frames = {
  "not masked": [frame("40", { masked: false })],
  "reserved bits": [1, 2, 4, 7].map((rsv) => frame("40", { rsv })),
  "reserved opcodes": [3, 4, 7, 11, 15].map((opcode) => frame("40", { opcode })),
  "a continuation of nothing": [frame("40", { opcode: 0 })],
  "a message within a message": [Buffer.concat([frame("4", { fin: false }), frame("0")])],
  "a fragmented ping": [frame("", { opcode: 9, fin: false })],
  "a ping of 126 bytes": [frame("x".repeat(126), { opcode: 9 })],
  "lengths beyond all measure": ["8000000000000000", "ffffffffffffffff", "7fffffffffffffff", "0000000100000000", "00000000000f4241"].map(claim),
  "more than the payload allows in pieces": [Buffer.concat(Array.from({ length: 12 }, (_, index) => frame("x".repeat(100_000), { opcode: index ? 0 : 1, fin: false })))],
  "text that is not UTF-8": ["80", "c0af", "eda080", "f4908080", "34ff", "e282"].map((hex) => frame(Buffer.from(hex, "hex"))),
  "close frames": [frame("x", { opcode: 8 }), ...["03ed", "03e7", "1388ff"].map((hex) => frame(Buffer.from(hex, "hex"), { opcode: 8 })), frame("", { opcode: 8 })],
};

for (const kind of kinds)
  test(`${kind}: frames`, async (t) => {
    const node = await startNode(t, kind);
    const { good } = await bystander(t, node);
    for (const [what, cases] of Object.entries(frames))
      await t.test(what, async (t) => {
        for (const bytes of cases) {
          const socket = await openTcpWebSocket(t, node);
          socket.write(bytes);
          await within(socket.gone, `the close after ${bytes.subarray(0, 16).toString("hex")}`);
          socket.destroy();
        }
      });

    await t.test("fragments, with a ping between them, make one message", async (t) => {
      const socket = await openTcpWebSocket(t, node);
      socket.write(Buffer.concat([frame("4", { fin: false }), frame("hello", { opcode: 9 }), frame("", { opcode: 0, fin: false }), frame("0", { opcode: 0 })]));
      await socket.has(/\x8a\x05hello[^]*40\{"sid"/);
    });

    await t.test("byte by byte", async (t) => {
      const socket = await openTcp(t, node);
      socket.setNoDelay(true);
      const drip = async (bytes) => {
        for (const byte of Buffer.from(bytes)) {
          socket.write(Buffer.from([byte]));
          await new Promise(setImmediate);
        }
      };
      await drip(upgradeRequest());
      await socket.has(/"sid"/);
      await drip(frame("40"));
      await socket.has(/40\{"sid"/);
      await drip(frame(`42["echo","${"x".repeat(300)}"]`));
      await socket.has(/42\["echo","x{300}"\]/);
    });
    await good();
  });

test("ours: frames in one segment with the handshake", own, async (t) => {
  const node = await startNode(t, ours);
  for (let round = 0; round < 20; round++) {
    const socket = await openTcp(t, node);
    socket.write(Buffer.concat([Buffer.from(upgradeRequest()), frame("40"), frame('42["echo",1]')]));
    await socket.has(/40\{"sid"[^]*42\["echo",1\]/);
  }
});

test("ours: DISCONNECT and CONNECT in one write", own, async (t) => {
  const node = await startNode(t, ours);
  const socket = await openTcpWebSocket(t, node);
  socket.write(frame("40"));
  await socket.has(/40\{"sid"/);
  socket.write(Buffer.concat([frame("41"), frame("40"), frame('42["echo",1]')]));
  await socket.has(/40\{"sid"[^]*40\{"sid"[^]*42\["echo",1\]/);
});

test("ours: session ids are all random", own, async (t) => {
  const node = await startNode(t, ours);
  const sids = await Promise.all(Array.from({ length: 50 }, async () => (await openPolling(node)).sid));
  for (let at = 0; at < 20; at++) assert(new Set(sids.map((sid) => sid[at])).size > 8, `character ${at} hardly changes`);
});

// ---- HTTP ----

const head = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n";
const post = "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n";
const garbage = {
  "no HTTP": ["hello\r\n\r\n", "\0\0\0\0\r\n\r\n", Buffer.from("16030100f5010000f10303", "hex"), Buffer.alloc(5000, 0xff), frame("40")],
  "request lines": ["GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\0 HTTP/1.1\r\n\r\n", "get / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET  HTTP/1.1\r\n\r\n"],
  "a head without end": [`GET /${"x".repeat(100_000)}`, `${head}X: ${"y".repeat(100_000)}`, `${head}${"X: y\r\n".repeat(20_000)}`],
  "header lines": [`${head}no colon\r\n\r\n`, `${head}: x\r\n\r\n`, `${head}X: \0\r\n\r\n`, `${head}X y: z\r\n\r\n`, `${head}X\r\n : z\r\n\r\n`],
  "bodies": [`${post}Content-Length: -1\r\n\r\n`, `${post}Content-Length: x\r\n\r\n`, `${post}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`, `${post}Content-Length: 99999999999999999999\r\n\r\n`, `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, `${post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n`],
};

test("ours: garbage in place of HTTP", own, async (t) => {
  const node = await startNode(t, ours);
  const { good } = await bystander(t, node);
  for (const [what, cases] of Object.entries(garbage))
    await t.test(what, async (t) => {
      for (const bytes of cases) {
        const socket = await openTcp(t, node);
        socket.write(bytes);
        await within(socket.gone, `the close after ${JSON.stringify(bytes.toString("latin1").slice(0, 80))}`);
        assert.match(socket.text, /^$|^HTTP\/1\.1 4\d\d /);
        socket.destroy();
      }
    });
  await good();
});

test("ours: upgrades that are none", own, async (t) => {
  const node = await startNode(t, ours);
  const { good } = await bystander(t, node);
  const request = upgradeRequest();
  const bad = {
    "no key": request.replace(/Sec-WebSocket-Key.*\r\n/, ""),
    "a short key": request.replace(/(Sec-WebSocket-Key: ).*\r\n/, "$1YWJj\r\n"),
    "another version": request.replace("Version: 13", "Version: 12"),
    "no version": request.replace(/Sec-WebSocket-Version.*\r\n/, ""),
    "another protocol": request.replace("Upgrade: websocket", "Upgrade: h2c"),
    "a POST": request.replace("GET", "POST"),
    "an unknown session": upgradeRequest("EIO=4&transport=websocket&sid=none"),
    "an unknown transport": upgradeRequest("EIO=4&transport=webtransport"),
    "revision 3": upgradeRequest("EIO=3&transport=websocket"),
    "polling": upgradeRequest("EIO=4&transport=polling&sid=x"),
  };
  for (const [what, text] of Object.entries(bad))
    await t.test(`${what}: refused before the upgrade`, async (t) => {
      const socket = await openTcp(t, node);
      socket.write(text);
      assert.match(await socket.has(/\r\n\r\n/), /^HTTP\/1\.1 4\d\d /);
    });
  await good();
});

test("ours: many requests in one segment are answered in order", own, async (t) => {
  const node = await startNode(t, ours);
  const socket = await openTcp(t, node);
  const count = 50;
  socket.write(Array.from({ length: count }, (_, index) => `GET /socket.io/?EIO=4&transport=${index % 2 ? "no" : "polling&sid=no"} HTTP/1.1\r\nHost: x\r\n\r\n`).join(""));
  const codes = () => [...socket.text.matchAll(/"code":(\d)/g)].map(([, code]) => Number(code));
  await eventually("all answers", () => codes().length >= count);
  assert.deepEqual(codes(), Array.from({ length: count }, (_, index) => (index % 2 ? 0 : 1)));
});

test("ours: faults in good traffic", own, async (t) => {
  const node = await startNode(t, ours);
  const { good } = await bystander(t, node);
  const attachment = Buffer.from("some bytes");
  const packets = ["40", "40/custom,{}", '42["echo",{"a":[1,2.5,"\u00e4"]}]', '421["message-with-ack",1]', '451-["echo",{"_placeholder":true,"num":0}]'];
  const traffic = {
    frames: [upgradeRequest(), Buffer.concat([...packets.map((packet) => frame(packet)), frame(Buffer.concat([attachment]), { opcode: 2 }), frame("x", { opcode: 9 }), frame("42", { fin: false }), frame("[]", { opcode: 0 }), frame("", { opcode: 8 })])],
    requests: ["", Buffer.from(`${upgradeRequest()}${head}\r\n${post}Content-Length: 5\r\n\r\nhello${post}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`)],
  };
  for (const [what, [before, bytes]] of Object.entries(traffic))
    await t.test(what, async (t) => {
      for (const faulty of mutations(bytes, 500)) {
        const socket = await openTcp(t, node);
        socket.write(before);
        socket.end(faulty);
        await within(socket.gone, faulty.toString("hex"), 30_000);
        socket.destroy();
      }
    });
  await good();
});

// ---- time and memory ----

test("ours: half a request does not stay", own, async (t) => {
  const node = await startNode(t, ours);
  const { good } = await bystander(t, node);
  const halves = ["", "GET /soc", head, `${post}Content-Length: 10\r\n\r\nabc`, `${post}Transfer-Encoding: chunked\r\n\r\n5\r\nab`];
  const sockets = await Promise.all(halves.map((half) => openTcp(t, node).then((socket) => (socket.write(half), socket))));
  for (const socket of sockets) await within(socket.gone, "the close of half a request", 30_000);
  await good();
});

test("ours: who does not answer the close frame is closed all the same", own, async (t) => {
  const node = await startNode(t, ours);
  const socket = await openTcpWebSocket(t, node);
  socket.write(frame("40"));
  await socket.has(/40\{"sid"/);
  socket.write(frame('42["bye",true]'));
  await socket.has(/41\x88/);
  await within(socket.gone, "the end of the connection");
});

test("ours: who does not read is closed at --max-buffered", own, async (t) => {
  const node = await startNode(t, ours, "--max-buffered", "1000000", ...unpinged);
  const { socket: control, good } = await bystander(t, node);
  const deaf = await openTcpWebSocket(t, node);
  deaf.write(frame("40"));
  const id = /40\{"sid":"([\w-]+)"\}/.exec(await deaf.has(/40\{"sid":"[\w-]+"\}/))[1];
  const reader = await connect(t, node);
  await ask(reader, "join", "bulk");
  const read = collect(reader, "bulk");
  deaf.pause();
  const text = "x".repeat(100_000);
  let sent = 0;
  const emit = async (flags) => {
    await ctl(control, "emit", { event: "bulk", args: [sent++, text], rooms: [id, "bulk"], flags });
    return ctl(control, "stats");
  };

  await t.test("volatile messages are lost first", async () => {
    while ((await emit({ volatile: true })).volatile_lost === 0) assert(sent < 1000, "nothing was lost");
    assert.equal((await ctl(control, "stats")).overflows, 0);
  });

  await t.test("then the client is closed", async () => {
    while ((await emit({})).overflows === 0) assert(sent < 1000, "it was never closed");
    assert.equal(await reasonOf(control, id), "buffer overflow");
    assert.equal((await ctl(control, "stats")).overflows, 1);
  });

  await t.test("who reads got all", async () => {
    await read.until(sent);
    assert.deepEqual(read.events.map(([index]) => index), [...Array(sent).keys()]);
  });
  await good();
});

test("ours: a polling client that does not come back is closed at --max-buffered", own, async (t) => {
  const node = await startNode(t, ours, "--max-buffered", "1000000", ...unpinged);
  const { socket: control, good } = await bystander(t, node);
  const polling = await joinPolling(node);
  let sent = 0;
  while ((await ctl(control, "stats")).overflows === 0) {
    assert(sent++ < 20);
    await ctl(control, "emit", { event: "bulk", args: ["x".repeat(100_000)], rooms: [polling.id] });
  }
  assert.equal(sent, 10);
  assert.equal(await reasonOf(control, polling.id), "buffer overflow");
  await good();
});

test("ours: SIGTERM ends whatever clients do", own, async (t) => {
  const node = await startNode(t, ours);
  const control = await connect(t, node);
  const deaf = await openTcpWebSocket(t, node);
  deaf.write(frame("40"));
  const id = /40\{"sid":"([\w-]+)"\}/.exec(await deaf.has(/40\{"sid":"[\w-]+"\}/))[1];
  deaf.pause();
  for (let sent = 0; sent < 100; sent++)
    await ctl(control, "emit", { event: "bulk", args: ["x".repeat(100_000)], rooms: [id] });
  const polling = await joinPolling(node);
  const probed = await joinPolling(node);
  const probe = await openWebSocket(t, node, probed.sid);
  probe.send("2probe");
  await probe.next();
  const half = await openTcp(t, node);
  half.write(head);
  await openTcp(t, node);
  await openWebSocket(t, node);
  polling.request().then((response) => response.text()).catch(() => {});
  const [code] = await node.terminate();
  assert.equal(code, 0);
});
