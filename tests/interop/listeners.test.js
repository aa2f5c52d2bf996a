// Listeners, middlewares of packets and the events of connections: who is told what, in which order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, connect, eventually, next } from "./lib/clients.js";
import { kinds, startEvents } from "./lib/node.js";
import { overTls } from "./lib/tls.js";

const journal = async (socket) => (await ask(socket, "journal"))[0];

// What is in the journal until a line comes for which it holds.
async function journalUntil(socket, holds) {
  const lines = [];
  await eventually("the line of the journal", async () => (lines.push(...(await journal(socket))), lines.some(holds)));
  return lines;
}

// A client whose arrival is not in the journal.
async function arrived(t, node, options) {
  const socket = await connect(t, node, options);
  await journal(socket);
  return socket;
}

for (const kind of kinds) {
  test(`${kind}: catch-all listeners come before middlewares, these before handlers`, async (t) => {
    const socket = await arrived(t, await startEvents(t, kind));
    assert.deepEqual(await ask(socket, "twice", 1, { two: [null] }), [1, { two: [null] }]);
    socket.emit("nobody", Buffer.from("x"));
    assert.deepEqual(await journal(socket), [
      'first twice [1,{"two":[null]}]', 'any twice [1,{"two":[null]}]',
      'middleware twice [1,{"two":[null]}]', 'second twice [1,{"two":[null]}]',
      'handler twice [1,{"two":[null]}]', 'handler twice [1,{"two":[null]}]',
      'first nobody [{"type":"Buffer","data":[120]}]', 'any nobody [{"type":"Buffer","data":[120]}]',
      'middleware nobody [{"type":"Buffer","data":[120]}]', 'second nobody [{"type":"Buffer","data":[120]}]',
    ]);
  });

  test(`${kind}: handlers that go`, async (t) => {
    const socket = await arrived(t, await startEvents(t, kind));
    const handled = async () => (await journal(socket)).filter((line) => /^handler|^first (once|twice)/.test(line));
    await ask(socket, "once", 1);
    socket.emit("once", 2);
    assert.deepEqual(await handled(), ["first once [1]", "handler once [1]", "first once [2]"]);
    await ask(socket, "forget", "twice");
    socket.emit("twice");
    assert.deepEqual(await handled(), ["first twice []"]);
    assert.deepEqual(await ask(socket, "listeners"), [2, 2]);
    await ask(socket, "forget", "any");
    assert.deepEqual(await ask(socket, "listeners"), [1, 2]);
    await journal(socket);
    socket.emit("twice").emit("once");
    assert.deepEqual(await handled(), []);
  });

  test(`${kind}: what a middleware refuses is an error of the socket`, async (t) => {
    const socket = await arrived(t, await startEvents(t, kind));
    socket.emit("bad", 1);
    assert.deepEqual(await journal(socket), ["first bad [1]", "any bad [1]", "middleware bad [1]", "error not this one 7"]);
  });

  test(`${kind}: a middleware that answers later is overtaken`, async (t) => {
    const socket = await arrived(t, await startEvents(t, kind));
    const slow = [ask(socket, "slow", "one", Buffer.from("1")), ask(socket, "slow", "two")];
    socket.emit("once");
    assert.deepEqual((await journal(socket)).filter((line) => !/^first|^any/.test(line)), [
      'middleware slow ["one",{"type":"Buffer","data":[49]}]', 'middleware slow ["two"]',
      "middleware once []", "second once []", "handler once []",
    ]);
    await ask(socket, "release");
    assert.deepEqual(await Promise.all(slow), [["one", Buffer.from("1")], ["two"]]);
    const lines = (await journal(socket)).filter((line) => / slow /.test(line));
    assert.deepEqual(lines.toSorted(), [
      'handler slow ["one",{"type":"Buffer","data":[49]}]', 'handler slow ["two"]',
      'second slow ["one",{"type":"Buffer","data":[49]}]', 'second slow ["two"]',
    ]);
    for (const which of ["one", "two"])
      assert(lines.findIndex((line) => line.startsWith(`second slow ["${which}`)) < lines.findIndex((line) => line.startsWith(`handler slow ["${which}`)));
  });

  test(`${kind}: a client that goes while a middleware has its packet`, async (t) => {
    const node = await startEvents(t, kind);
    const other = await connect(t, node);
    const socket = await arrived(t, node);
    socket.emit("slow", 1);
    assert.equal((await journal(socket)).length, 3);
    socket.disconnect();
    await journalUntil(other, (line) => line === "disconnect client namespace disconnect, 0 rooms");
    await ask(other, "release");
    assert.deepEqual((await journal(other)).filter((line) => /handler/.test(line)), []);
  });

  test(`${kind}: listeners to what goes out`, async (t) => {
    const node = await startEvents(t, kind);
    const socket = await arrived(t, node);
    const sent = next(socket, "message");
    await ask(socket, "say");
    const out = async () => (await journal(socket)).filter((line) => line.startsWith("out"));
    assert.deepEqual(await out(), [
      'out first said [1,"two"]', 'out said [1,"two"]',
      'out first to all [{"type":"Buffer","data":[1,2]}]', 'out to all [{"type":"Buffer","data":[1,2]}]',
      'out first message ["sent"]', 'out message ["sent"]',
    ]);
    assert.deepEqual(await sent, ["sent"]);
    await ask(socket, "forget", "outgoing");
    await ask(socket, "say");
    assert.deepEqual(await out(), []);
  });

  test(`${kind}: rooms are there while it is disconnecting`, async (t) => {
    const node = await startEvents(t, kind);
    const other = await connect(t, node);
    const socket = await arrived(t, node);
    assert.deepEqual(await ask(socket, "join"), [3]);
    await journal(other);
    socket.io.engine.close();
    const lines = await journalUntil(other, (line) => line.startsWith("close"));
    assert.deepEqual(lines, [
      "disconnecting transport close, 3 rooms", "disconnect transport close, 0 rooms", "close transport close",
    ]);
  });

  test(`${kind}: the events of an upgrade and of heartbeats`, async (t) => {
    const node = await startEvents(t, kind, "--ping-interval", "100");
    const socket = await connect(t, node, { over: "upgrade" });
    const lines = await journalUntil(socket, (line) => line === "heartbeat");
    const of = (pattern) => lines.filter((line) => pattern.test(line));
    assert.deepEqual(of(/^connection|^upgrad/), ["connection polling", "upgrading polling", "upgrade websocket"]);
    assert.deepEqual(of(/ping|pong|heartbeat/).slice(0, 3), ["create ping", "packet pong", "heartbeat"]);
    assert.deepEqual(await ask(socket, "conn"),
      [{ transport: "websocket", protocol: 4, readyState: "open", remoteAddress: "127.0.0.1" }]);
  });

  test(`${kind}: a connection that the server closes`, async (t) => {
    const node = await startEvents(t, kind);
    const other = await connect(t, node);
    const socket = await arrived(t, node);
    const gone = next(socket, "disconnect");
    socket.emit("close");
    assert.match((await gone)[0], /transport close/);
    const lines = await journalUntil(other, (line) => line.startsWith("close"));
    assert.deepEqual(lines.filter((line) => /^disc|^close/.test(line)), [
      "disconnecting forced close, 1 rooms", "disconnect forced close, 0 rooms", "close forced close",
    ]);
  });

  test(`${kind}: the handshake is whole`, async (t) => {
    const node = await startEvents(t, kind);
    const socket = await connect(t, node, {
      query: { name: "Jürg & K", twice: "1" }, auth: { token: 7 }, extraHeaders: { Origin: "https://example.org", "X-One": "1" },
    });
    const [handshake] = await ask(socket, "handshake");
    assert.deepEqual(Object.keys(handshake),
      ["headers", "time", "address", "xdomain", "secure", "issued", "url", "query", "auth"]);
    const { headers, time, issued, url, query, ...rest } = handshake;
    assert.deepEqual(rest, { address: "127.0.0.1", xdomain: true, secure: overTls, auth: { token: 7 } });
    assert.equal(headers.host, node.host);
    assert.equal(headers["x-one"], "1");
    assert.equal(headers.origin, "https://example.org");
    assert(Math.abs(issued - Date.parse(time)) < 2000, "the same time, but for the fraction of a second");
    assert.match(time, /^\w{3} \w{3} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4} \(.+\)$/);
    assert(Math.abs(issued - Date.now()) < 60_000);
    assert.match(url, /^\/socket\.io\/\?name=J%C3%BCrg%20%26%20K&twice=1&EIO=4&transport=websocket/);
    assert.deepEqual(query, { name: "Jürg & K", twice: "1", EIO: "4", transport: "websocket" });
  });
}
