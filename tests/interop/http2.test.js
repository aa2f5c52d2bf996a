// HTTP/2 by libsio-tls: polling, files, and WebSockets over it (RFC 8441), with HTTP/1.1 beside it.
import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { test } from "node:test";
import tls from "node:tls";
import WebSocket from "ws";
import { certificates } from "./lib/certificates.js";
import { connect, eventually } from "./lib/clients.js";
import { later, within } from "./lib/later.js";
import { startNode } from "./lib/node.js";

const { authority, cert, key } = certificates();
const engine = "/socket.io/?EIO=4&transport=polling";

async function start(t, ...flags) {
  const node = await startNode(t, "ours", "--tls", `${cert},${key}`, "--http2", ...flags);
  node.url = `https://${node.host}`;
  return node;
}

async function session(t, node) {
  const client = http2.connect(node.url, { ca: authority });
  client.on("error", () => {});
  later(t, () => client.destroy());
  await within(once(client, "remoteSettings"), "the settings of HTTP/2");
  return client;
}

async function request(client, headers, body) {
  const stream = client.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const [answer] = await within(once(stream, "response"), "an answer by HTTP/2", 20_000);
  let text = "";
  for await (const part of stream.setEncoding("utf8")) text += part;
  return { status: answer[":status"], headers: answer, text };
}

const get = (client, path) => request(client, { ":path": path });
const post = (client, path, body) => request(client, { ":path": path, ":method": "POST", "content-length": Buffer.byteLength(body) }, body);

async function handshake(client) {
  const { sid } = JSON.parse((await get(client, engine)).text.slice(1));
  const path = `${engine}&sid=${sid}`;
  assert.equal((await post(client, path, "40")).text, "ok");
  assert.match((await get(client, path)).text, /^40\{"sid":/);
  return path;
}

test("a session by polls and posts, several on one connection", async (t) => {
  const client = await session(t, await start(t));
  const paths = await Promise.all([1, 2, 3, 4, 5].map(() => handshake(client)));
  await Promise.all(paths.map(async (path, i) => {
    const poll = get(client, path);
    assert.equal((await post(client, path, `42["echo","ü",${i}]`)).status, 200);
    assert.equal((await poll).text, `42["echo","ü",${i}]`);
  }));
});

test("the client's files, longer than its window, and what is none", async (t) => {
  const client = await session(t, await start(t));
  const file = await get(client, "/socket.io/socket.io.js");
  assert.equal(file.status, 200);
  assert.equal(file.headers["content-type"], "application/javascript; charset=utf-8");
  assert.equal(Buffer.byteLength(file.text), Number(file.headers["content-length"]));
  assert(file.text.length > 65_535);
  assert.equal((await request(client, { ":path": "/socket.io/socket.io.js", "if-none-match": file.headers.etag })).status, 304);
  const head = await request(client, { ":path": "/socket.io/socket.io.js", ":method": "HEAD" });
  assert.equal(head.text, "");
  assert.equal((await get(client, "/nothing")).status, 404);
  assert.deepEqual(JSON.parse((await get(client, "/socket.io/?EIO=4&transport=none")).text), { code: 0, message: "Transport unknown" });
});

test("headers, cookies and parameters reach the server as they are", async (t) => {
  const node = await start(t, "--cors", "https://page.example", "--cookie", "io");
  const client = await session(t, node);
  const opened = await request(client, { ":path": `${engine}&text=a%26b%20%C3%BC%2B&text2=`, origin: "https://page.example", cookie: "a=1; b=2", "user-agent": "h2" });
  assert.equal(opened.headers["access-control-allow-origin"], "https://page.example");
  assert.match(opened.headers["set-cookie"][0], /^io=/);
  const path = `${engine}&sid=${JSON.parse(opened.text.slice(1)).sid}`;
  await post(client, path, "40");
  await get(client, path);
  await post(client, path, '420["ctl",{"op":"fetchSockets"}]');
  const [{ sockets: [{ handshake: told }] }] = JSON.parse((await get(client, path)).text.slice(3));
  assert.deepEqual([told.query.text, told.query.text2, told.headers.cookie, told.headers["user-agent"], told.secure], ["a&b ü+", "", "a=1; b=2", "h2", true]);
});

async function webSocket(t, client, path = "/socket.io/?EIO=4&transport=websocket") {
  const stream = client.request({ ":method": "CONNECT", ":protocol": "websocket", ":path": path, "sec-websocket-version": "13" }, { endStream: false });
  const [answer] = await within(once(stream, "response"), "an answer to CONNECT");
  assert.equal(answer[":status"], 200);
  const socket = new WebSocket(null, undefined, {});
  Object.assign(socket, { _isServer: false });
  Object.assign(stream, { setNoDelay() {}, setTimeout() {} });
  const messages = [];
  socket.on("message", (data) => messages.push(String(data)));
  socket.setSocket(stream, Buffer.alloc(0), { maxPayload: 1e8 });
  socket.next = async () => {
    if (messages.length === 0) await within(once(socket, "message"), "a message by HTTP/2", 20_000);
    return messages.shift();
  };
  later(t, () => socket.terminate());
  return socket;
}

test("a WebSocket over HTTP/2", async (t) => {
  const client = await session(t, await start(t));
  assert.equal(client.remoteSettings.enableConnectProtocol, true);
  const socket = await webSocket(t, client);
  assert.match(await socket.next(), /^0\{"sid":/);
  socket.send("40");
  assert.match(await socket.next(), /^40/);
  assert.match(await socket.next(), /^42\["auth"/);
  const text = "ä".repeat(150_000);
  socket.send(`421["echo","${text}"]`);
  assert((await socket.next()) === `431["${text}"]`, "a long text comes back");
  socket.send('42["bye",true]');
  await within(once(socket, "close"), "the end of a WebSocket over HTTP/2");
});

test("a WebSocket over HTTP/2 that the engine refuses is closed at once", async (t) => {
  const node = await start(t);
  for (const query of ["EIO=9&transport=websocket", "EIO=4&transport=websocket&sid=none", "EIO=4&transport=polling"]) {
    const socket = await webSocket(t, await session(t, node), `/socket.io/?${query}`);
    const [code] = await within(once(socket, "close"), "the end of a refused WebSocket");
    assert.equal(code, 1008);
  }
  assert.equal((await get(await session(t, node), engine)).status, 200);
});

test("an upgrade from polling within one connection", async (t) => {
  const client = await session(t, await start(t));
  const path = await handshake(client);
  const socket = await webSocket(t, client, path.replace("polling", "websocket"));
  const poll = get(client, path);
  socket.send("2probe");
  assert.equal(await socket.next(), "3probe");
  assert.equal((await poll).text, "6");
  socket.send("5");
  socket.send('42["echo",1]');
  assert.equal(await socket.next(), '42["echo",1]');
});

test("who breaks off, or speaks badly, harms nobody", async (t) => {
  const node = await start(t);
  const other = await connect(t, node, { ca: authority });
  const client = await session(t, node);
  const path = await handshake(client);
  const poll = client.request({ ":path": path });
  poll.on("error", () => {});
  await get(client, "/nothing");
  poll.close(http2.constants.NGHTTP2_CANCEL);
  await within(once(poll, "close"), "the end of a poll");
  const again = await session(t, node);
  const unmeasured = again.request({ ":path": path, ":method": "POST" });
  unmeasured.on("error", () => {});
  unmeasured.end("x".repeat(1000));
  await within(once(again, "close"), "the end of a connection with a POST of no length");
  const raw = tls.connect({ port: node.port, host: "127.0.0.1", ALPNProtocols: ["h2"], ca: authority });
  await once(raw, "secureConnect");
  raw.on("error", () => {}).resume();
  raw.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\xff".repeat(5000), "latin1");
  await within(once(raw, "close"), "the end of garbage by HTTP/2");
  assert.equal((await other.timeout(10_000).emitWithAck("ctl", { op: "stats" })).ok, true);
});

test("HTTP/1.1 beside it", async (t) => {
  const node = await start(t);
  for (const over of ["polling", "upgrade"]) await connect(t, node, { ca: authority, over });
});

// A request in frames made by hand: clients of HTTP/2 do not send what must not be in a header.
const text = (value) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value, "latin1")]);

function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

// Resolves with true once an answer's head comes on the stream, with false when it, or the connection, ends without one.
function answered(socket, stream) {
  let bytes = Buffer.alloc(0);
  return new Promise((resolve) => {
    socket.on("close", () => resolve(false));
    socket.on("data", (more) => {
      bytes = Buffer.concat([bytes, more]);
      while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
        const type = bytes[3], of = bytes.readUInt32BE(5);
        if (of === stream && type === 1) resolve(true);
        if ((of === stream && type === 3) || type === 7) resolve(false);
        bytes = bytes.subarray(9 + bytes.readUIntBE(0, 3));
      }
    });
  });
}

async function askRaw(t, node, agent, method = Buffer.from([0x82])) {
  const socket = tls.connect({ port: node.port, host: "127.0.0.1", ca: authority, ALPNProtocols: ["h2"] });
  later(t, () => socket.destroy());
  socket.on("error", () => {});
  const answer = answered(socket, 1);
  await within(once(socket, "secureConnect"), "a connection by TLS");
  const head = Buffer.concat([method, Buffer.from([0x87, 0x04]), text(engine), Buffer.from([0x01]), text("127.0.0.1"), Buffer.from([0x0f, 0x2b]), text(agent)]);
  socket.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(4, 0, 0), frame(1, 5, 1, head)]));
  return within(answer, "an answer, or none", 20_000);
}

test("a header that would end its line, and a method that would be a line, are no request", async (t) => {
  const node = await start(t);
  assert.equal(await askRaw(t, node, "a browser"), true);
  const agents = ["a\r\nX-Real-IP: 9.9.9.9", `a\r\n\r\nGET ${engine} HTTP/1.1\r\nHost: b`, "a\nb", "a\0b", "a\x1bb"];
  const answers = await Promise.all(agents.map((agent) => askRaw(t, node, agent))); // libwebsockets takes 5 s to refuse one
  assert.deepEqual(answers, agents.map(() => false));
  assert.equal(await askRaw(t, node, "a browser", Buffer.concat([Buffer.from([0x02]), text("GET / HTTP/1.1")])), false);
  const socket = await connect(t, node, { ca: authority });
  assert.equal((await socket.timeout(10_000).emitWithAck("ctl", { op: "stats" })).clients, 2);
});

test("a balancer that passes TLS through says where each client of HTTP/2 is", async (t) => {
  process.env.SIO_LOG = "engine";
  const node = await start(t, "--trusted-proxies", "127.0.0.1", "--proxy-protocol");
  delete process.env.SIO_LOG;
  for (const address of ["192.0.2.1", "192.0.2.2"]) {
    const client = http2.connect(node.url, {
      createConnection: () => {
        const plain = net.connect(node.port, "127.0.0.1");
        plain.write(`PROXY TCP4 ${address} 127.0.0.1 1 2\r\n`);
        return tls.connect({ socket: plain, ca: authority, ALPNProtocols: ["h2"] });
      },
    });
    client.on("error", () => {});
    later(t, () => client.destroy());
    await handshake(client);
    await handshake(client); // another on the same connection
    await eventually(`clients from ${address}`, () => node.log.split(`opened by polling, revision 4, from "${address}"`).length === 3);
  }
});
