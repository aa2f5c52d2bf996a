// Which certificate a client of libsio-tls sees, and which of its own is believed.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import tls from "node:tls";
import { certificates, issue } from "./lib/certificates.js";
import { connect, next, open } from "./lib/clients.js";
import { later, within } from "./lib/later.js";
import { startNode } from "./lib/node.js";

const made = certificates();
const trusted = { ca: made.authority };
const authority = { cert: made.ca, key: made.caKey };
const pair = (one) => `${one.cert},${one.key}`;
const load = (one) => ({ cert: readFileSync(one.cert), key: readFileSync(one.key) });

async function startSecure(t, tlsFlag, ...flags) {
  const node = await startNode(t, "ours", "--tls", tlsFlag, ...flags);
  node.url = `https://localhost:${node.port}`;
  return node;
}

const ask = (socket, op) => socket.timeout(10_000).emitWithAck("ctl", op);

// The subject's name in the certificate that is shown for a name, or the code of the error.
const shown = (node, servername, options = {}) => within(new Promise((resolve) => {
  const socket = tls.connect({ port: node.port, host: "127.0.0.1", servername, rejectUnauthorized: false, ...options });
  socket.on("secureConnect", () => { resolve(socket.getPeerCertificate().subject.CN); socket.destroy(); });
  socket.on("error", (error) => resolve(error.code));
}), "an answer to a handshake");

test("the certificate is that of the name which is asked for, else the first", async (t) => {
  const one = issue(made.folder, authority, "one", { names: ["one.example", "*.wild.example"] });
  const two = issue(made.folder, authority, "two", { names: ["two.example"] });
  const node = await startSecure(t, `${made.cert},${made.key},${pair(one)},${pair(two)}`);
  assert.equal(await shown(node, "localhost"), "localhost");
  assert.equal(await shown(node, "one.example"), "one");
  assert.equal(await shown(node, "a.wild.example"), "one");
  assert.equal(await shown(node, "two.example"), "two");
  assert.equal(await shown(node, "three.example"), "localhost");
  assert.equal(await shown(node, undefined), "localhost");
});

test("a server's certificate that is wrong is seen as such by an official client", async (t) => {
  const expired = issue(made.folder, authority, "late", { names: ["localhost"], expired: true });
  const wrong = issue(made.folder, authority, "wrong", { names: ["elsewhere.example"] });
  for (const [certificate, code] of [[expired, "CERT_HAS_EXPIRED"], [wrong, "ERR_TLS_CERT_ALTNAME_INVALID"]]) {
    const node = await startSecure(t, pair(certificate));
    const [error] = await next(open(t, node, trusted), "connect_error");
    assert.equal(error.description.error.code, code);
  }
});

test("a client's certificate is verified, and its subject told", async (t) => {
  const alice = load(issue(made.folder, authority, "alice")), late = load(issue(made.folder, authority, "bob", { expired: true }));
  const node = await startSecure(t, `${made.cert},${made.key}`, "--tls-client-ca", made.ca);
  for (const over of ["websocket", "polling"]) {
    assert.deepEqual(await ask(await connect(t, node, { ...trusted, ...alice, over }), { op: "peer" }), { ok: true, secure: true, subject: "CN=alice,O=sio" });
    assert.equal((await ask(await connect(t, node, { ...trusted, over }), { op: "peer" })).subject, "");
  }
  await next(open(t, node, { ...trusted, ...late }), "connect_error");
  await next(open(t, node, { ...trusted, ...load(made), over: "polling" }), "auth");
});

test("a client without a certificate is refused where one is required", async (t) => {
  const carol = load(issue(made.folder, authority, "carol"));
  const node = await startSecure(t, `${made.cert},${made.key}`, "--tls-client-ca", made.ca, "--tls-client-required");
  await next(open(t, node, trusted), "connect_error");
  const socket = await connect(t, node, { ...trusted, ...carol });
  assert.equal((await ask(socket, { op: "peer" })).subject, "CN=carol,O=sio");
});

test("new certificates under 1,000 connected clients", async (t) => {
  const files = { cert: path.join(made.folder, "live.pem"), key: path.join(made.folder, "live-key.pem") };
  const put = (one) => { copyFileSync(one.cert, files.cert); copyFileSync(one.key, files.key); };
  put(issue(made.folder, authority, "before", { names: ["localhost"] }));
  const node = await startSecure(t, pair(files), "--ping-interval", "300000"); // they answer none
  const first = await connect(t, node, trusted);
  const sockets = [];
  let lost = 0;
  later(t, () => sockets.forEach((socket) => socket.destroy()));
  const session = tls.createSecureContext(trusted);
  const hold = () => new Promise((resolve, reject) => {
    const socket = tls.connect({ port: node.port, host: "127.0.0.1", servername: "localhost", secureContext: session });
    sockets.push(socket);
    socket.once("error", reject).once("data", () => { socket.on("close", () => lost++).resume(); resolve(); });
    socket.write("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
  });
  for (let i = 0; i < 20; i++) await within(Promise.all(Array.from({ length: 50 }, hold)), "50 clients more", 30_000);
  assert.equal(await shown(node, "localhost"), "before");
  put(issue(made.folder, authority, "after", { names: ["localhost"] }));
  assert.deepEqual(await ask(first, { op: "reload" }), { ok: true });
  assert.equal(await shown(node, "localhost"), "after");
  copyFileSync(made.key, files.key);
  const refused = await ask(first, { op: "reload" });
  assert.equal(refused.ok, false);
  assert.match(refused.error, /not the key of that certificate/);
  assert.equal(await shown(node, "localhost"), "after");
  const stats = await ask(first, { op: "stats" });
  assert.equal(stats.clients, 1001);
  assert.equal(lost, 0);
});
