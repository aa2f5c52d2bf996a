// Official clients by https and wss through nginx and HAProxy, which end TLS before three nodes and find those of sessions.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { Agent as HttpAgent } from "node:http";
import { Agent } from "node:https";
import { test } from "node:test";
import { certificates } from "./lib/certificates.js";
import { ask, connect, ctl, next } from "./lib/clients.js";
import { later, within } from "./lib/later.js";
import { kinds, ours, startNode } from "./lib/node.js";
import { startHaproxy, startHaproxyByAddress, startNginx, startNginxByCookie, without } from "./lib/proxies.js";
import { frame } from "./lib/raw.js";

const proxies = {
  nginx: { start: startNginx, needs: without("nginx") },
  haproxy: { start: startHaproxy, needs: without("haproxy") },
};
const own = kinds.includes("ours") ? {} : { skip: "about ours only" };
const names = ["a", "b", "c"];

const startNodes = (t, ...flags) =>
  Promise.all(names.map((name) => startNode(t, ours, "--id-prefix", `${name}-`, "--cookie", "io", "--trusted-proxies", "127.0.0.1", ...flags)));

// Clients come from another address than the proxy does, each time by a new connection.
const far = "127.0.0.9";

function agent(t, proxy, localAddress = far) {
  const Kind = proxy.url.startsWith("https") ? Agent : HttpAgent;
  const made = new Kind({ localAddress, ca: certificates().authority });
  later(t, () => made.destroy());
  return made;
}

// `ca` is for the WebSocket, which reads it from here.
const through = (t, proxy, options = {}) => connect(t, proxy, { agent: agent(t, proxy, options.from), ca: certificates().authority, ...options });
const nodeOf = (socket) => names.indexOf(socket.io.engine.id[0]);

async function handshakeOf(socket) {
  const { sockets } = await ctl(socket, "fetchSockets", { rooms: [socket.id] });
  return sockets[0].handshake;
}

// Long enough for several polls, which each other node would refuse.
async function talk(socket) {
  const big = Buffer.alloc(200_000, socket.id);
  for (let i = 0; i < 3; i++) assert.deepEqual(await ask(socket, "echo", i, "ä"), [i, "ä"]);
  assert.deepEqual(await ask(socket, "message-with-ack", big, { big }), [big, { big }]);
}

for (const [name, { start, needs }] of Object.entries(proxies)) {
  test(`ours: many sessions over ${name} stay with their nodes`, { ...own, ...needs }, async (t) => {
    const nodes = await startNodes(t);
    const proxy = await start(t, nodes);
    const overs = ["polling", "upgrade", "websocket"];
    const sockets = await Promise.all(Array.from({ length: 12 }, (_, i) => through(t, proxy, { over: overs[i % 3] })));
    await Promise.all(sockets.map(talk));
    assert.deepEqual(new Set(sockets.map(nodeOf)), new Set([0, 1, 2]));
    sockets.forEach((socket, i) => assert.equal(socket.io.engine.transport.name, overs[i % 3] === "polling" ? "polling" : "websocket"));
  });

  test(`ours: by ${name} a node knows who comes, and that it is by TLS`, { ...own, ...needs }, async (t) => {
    const proxy = await start(t, await startNodes(t));
    const lies = { "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http", Forwarded: "for=6.6.6.6;proto=http" };
    for (const over of ["polling", "upgrade", "websocket"])
      for (const extraHeaders of [{}, lies]) {
        const { address, secure, headers } = await handshakeOf(await through(t, proxy, { over, extraHeaders }));
        assert.deepEqual({ address, secure }, { address: far, secure: true });
        assert.equal(headers.forwarded, undefined);
      }
  });

  test(`ours: clients of a node that stops come back to another by ${name}`, { ...own, ...needs }, async (t) => {
    const nodes = await startNodes(t);
    const proxy = await start(t, nodes);
    for (const over of ["polling", "websocket"]) {
      const socket = await through(t, proxy, { over, reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200 });
      const gone = nodeOf(socket);
      const back = next(socket, "auth", 30_000);
      if (!nodes[gone].killed) await nodes[gone].kill();
      await back;
      assert.notEqual(nodeOf(socket), gone);
      await talk(socket);
    }
  });

  test(`ours: ${name} sends who comes without TLS to the other port`, { ...own, ...needs }, async (t) => {
    const proxy = await start(t, await startNodes(t));
    const { status, headers } = await fetch(`http://127.0.0.1:${proxy.plainPort}/socket.io/?EIO=4&transport=polling`, { redirect: "manual" });
    assert.equal(status, 301);
    assert.match(headers.get("location"), /^https:\/\/127\.0\.0\.1.*\/socket\.io\/\?EIO=4&transport=polling$/);
  });

  test(`ours: polling by HTTP/2 over ${name}`, { ...own, ...needs }, async (t) => {
    const proxy = await start(t, await startNodes(t));
    const session = await openHttp2(t, proxy);
    const path = "/socket.io/?EIO=4&transport=polling";
    const { sid } = JSON.parse((await request(session, { ":path": path })).slice(1));
    assert.equal(await request(session, { ":path": `${path}&sid=${sid}`, ":method": "POST" }, "40"), "ok");
    assert.match(await request(session, { ":path": `${path}&sid=${sid}` }), /^40\{"sid":"/);
    assert.match(await request(session, { ":path": "/socket.io/socket.io.min.js" }), /Socket\.IO v4/);
  });
}

async function openHttp2(t, proxy) {
  const session = connectHttp2(proxy.url, { ca: certificates().authority });
  later(t, () => session.destroy());
  await within(once(session, "remoteSettings"), "settings of HTTP/2");
  assert.equal(session.alpnProtocol, "h2");
  return session;
}

async function request(session, headers, body) {
  const stream = session.request(headers);
  stream.setEncoding("utf8").end(body);
  const [{ ":status": status }] = await within(once(stream, "response"), "an answer by HTTP/2");
  let text = "";
  for await (const part of stream) text += part;
  assert.equal(status, 200, text);
  return text;
}

// ---- HAProxy alone ----

test("ours: a WebSocket within HTTP/2 over haproxy", { ...own, ...proxies.haproxy.needs }, async (t) => {
  const session = await openHttp2(t, await startHaproxy(t, await startNodes(t)));
  assert.equal(session.remoteSettings.enableConnectProtocol, true);
  const stream = session.request(
    { ":method": "CONNECT", ":protocol": "websocket", ":path": "/socket.io/?EIO=4&transport=websocket", "sec-websocket-version": "13" }, { endStream: false });
  const [{ ":status": status }] = await within(once(stream, "response"), "an answer by HTTP/2");
  assert.equal(status, 200);
  let text = "";
  stream.on("data", (bytes) => (text += bytes.toString("latin1")));
  const has = (pattern) => within(new Promise((resolve) => {
    const check = () => pattern.test(text) && resolve();
    stream.on("data", check);
    check();
  }), `${pattern} by HTTP/2`);
  await has(/0\{"sid":"/);
  stream.write(frame("40"));
  await has(/40\{"sid":"/);
  stream.close();
});

test("ours: haproxy says by the PROXY protocol who comes, and that it is by TLS", { ...own, ...proxies.haproxy.needs }, async (t) => {
  const proxy = await startHaproxyByAddress(t, await startNodes(t, "--proxy-protocol"));
  const lies = { "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http" };
  const used = new Set();
  for (let i = 0; i < 12; i++) {
    const from = `127.0.0.${20 + i}`;
    const socket = await through(t, proxy, { over: ["polling", "upgrade", "websocket"][i % 3], from, extraHeaders: lies });
    const { address, secure } = await handshakeOf(socket);
    assert.deepEqual({ address, secure }, { address: from, secure: true });
    await talk(socket);
    used.add(nodeOf(socket));
  }
  assert(used.size > 1, "all addresses have come to one node");
});

// ---- nginx without TLS, which chooses by a cookie ----

test("ours: clients of one address are spread over nodes by a cookie", { ...own, ...proxies.nginx.needs }, async (t) => {
  const proxy = await startNginxByCookie(t, await startNodes(t));
  const led = async (cookie) => {
    const answer = await fetch(`${proxy.url}/socket.io/?EIO=4&transport=polling`, { headers: { cookie } });
    return JSON.parse((await answer.text()).slice(1)).sid[0];
  };
  for (let i = 0; i < 8; i++) {
    const socket = await through(t, proxy, { over: i % 2 ? "polling" : "upgrade", extraHeaders: { cookie: `chat_client=${i}` } });
    await talk(socket);
    assert.equal((await handshakeOf(socket)).secure, false);
    assert.equal(await led(`chat_client=${i}`), names[nodeOf(socket)]);
  }
  // which node a cookie leads to depends on the ports of the nodes: a few may well agree, a hundred do not
  const used = await Promise.all(Array.from({ length: 100 }, (_, i) => led(`chat_client=${i}`)));
  assert(new Set(used).size > 1, "all cookies have led to one node");
});
