// Clients of the wire: HTTP polling by hand, WebSocket by hand, plain TCP.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import WebSocket from "ws";
import { later, within } from "./later.js";
import { dial, dialled, request, urlOf, wsUrlOf } from "./tls.js";

const engineUrl = (node, transport, sid, path = "/socket.io/") =>
  `${node.host}${path}?EIO=4&transport=${transport}${sid ? `&sid=${sid}` : ""}`;

// ---- polling ----

export class Polling {
  constructor(node) {
    this.node = node;
    this.packets = [];
  }

  get url() {
    return urlOf(engineUrl(this.node, "polling", this.sid));
  }

  request(options) {
    return within(fetch(this.url, options), "an answer to a poll");
  }

  // One GET; its packets.
  async poll() {
    const response = await this.request();
    const body = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${body}`);
    return body.split("\x1e");
  }

  async next() {
    while (this.packets.length === 0) this.packets.push(...(await this.poll()));
    return this.packets.shift();
  }

  post(body) {
    return this.request({ method: "POST", body, headers: { "content-type": "text/plain;charset=UTF-8" } });
  }
}

export async function openPolling(node) {
  const polling = new Polling(node);
  polling.handshake = JSON.parse((await polling.next()).slice(1));
  polling.sid = polling.handshake.sid;
  return polling;
}

// Joins the namespace "/" and takes the greeting; what pings come before that are yet to be answered.
async function join(client, packets) {
  const pings = [];
  const next = async () => {
    let packet;
    while ((packet = await client.next()) === "2") pings.push(packet);
    return packet;
  };
  client.id = JSON.parse((await next()).slice(2)).sid;
  await next();
  packets.unshift(...pings);
  return client;
}

// A polling client in the namespace "/".
export async function joinPolling(node) {
  const polling = await openPolling(node);
  await (await polling.post("40")).text();
  return join(polling, polling.packets);
}

// A poll that waits at the node when this resolves. `ask` gets an answer of the node by another connection: to the first question
// it comes after the node has the poll at hand, to the second one after it has read it. `answer()` is what becomes of the poll.
export async function startPoll(url, ask) {
  const poll = request(url, { agent: false });
  const answer = new Promise((resolve, reject) => {
    poll.once("error", reject).once("response", async (response) => {
      const chunks = await response.toArray();
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
    });
  });
  answer.catch(() => {}); // when it is cut
  await within(Promise.race([once(poll.end(), "finish"), answer]), "a poll that is sent");
  for (let round = 0; round < 2; round++) await ask();
  return { answer: () => within(answer, "an answer to a poll"), cut: () => poll.destroy() };
}

// ---- WebSocket, packets by hand ----

export async function openWebSocket(t, node, sid, options) {
  const socket = new WebSocket(wsUrlOf(engineUrl(node, "websocket", sid)), options);
  const packets = (socket.packets = []);
  const waiting = [];
  socket.on("error", () => {});
  socket.on("message", (data, binary) => {
    const packet = binary ? data : data.toString();
    if (waiting.length > 0) waiting.shift()(packet);
    else packets.push(packet);
  });
  socket.next = () =>
    packets.length > 0 ? Promise.resolve(packets.shift())
      : within(new Promise((resolve) => waiting.push(resolve)), "a packet by WebSocket");
  socket.closed = new Promise((resolve) => socket.once("close", resolve));
  later(t, () => socket.terminate());
  await within(once(socket, "open"), "an open WebSocket");
  return socket;
}

// In the namespace "/".
export async function joinWebSocket(t, node, options) {
  const socket = await openWebSocket(t, node, undefined, options);
  await socket.next();
  socket.send("40");
  return join(socket, socket.packets);
}

// ---- plain TCP ----

export async function openTcp(t, node) {
  const socket = dial({ port: node.port, host: "127.0.0.1", allowHalfOpen: true });
  socket.text = "";
  socket.on("error", () => {});
  socket.on("data", (bytes) => (socket.text += bytes.toString("latin1")));
  socket.gone = new Promise((resolve) => {
    socket.once("end", resolve);
    socket.once("close", resolve);
  });
  socket.has = (pattern, ms) =>
    within(new Promise((resolve) => {
      const check = () => pattern.test(socket.text) && (socket.off("data", check), resolve(socket.text));
      socket.on("data", check);
      check();
    }), `${pattern} by TCP`, ms);
  later(t, () => socket.destroy());
  await within(once(socket, dialled), "a TCP connection");
  return socket;
}

export const upgradeRequest = (query = "EIO=4&transport=websocket", headers = "", path = "/socket.io/") =>
  `GET ${path}?${query} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n${headers}\r\n`;

// A masked frame; opcode 1 is text.
export function frame(payload, { opcode = 1, fin = true, rsv = 0, masked = true } = {}) {
  const data = Buffer.from(payload);
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  if (data.length < 126) head.push(data.length);
  else if (data.length < 65536) head.push(126, data.length >> 8, data.length & 255);
  else head.push(127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (data.length >> shift) & 255));
  if (!masked) return Buffer.concat([Buffer.from(head), data]);
  head[1] |= 0x80;
  const mask = randomBytes(4);
  return Buffer.concat([Buffer.from(head), mask, data.map((byte, index) => byte ^ mask[index & 3])]);
}

export async function openTcpWebSocket(t, node, headers) {
  const socket = await openTcp(t, node);
  socket.write(upgradeRequest(undefined, headers));
  await socket.has(/\r\n\r\n.*"sid"/s);
  return socket;
}
