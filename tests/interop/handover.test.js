// Processes that take each other's place under official clients and a storm of connections.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { once } from "node:events";
import { test } from "node:test";
import { connect, ctl, next, open, transports } from "./lib/clients.js";
import { later, within } from "./lib/later.js";
import { Node } from "./lib/node.js";

function place(t) {
  const folder = mkdtempSync(path.join(tmpdir(), "sio-handover-"));
  later(t, () => rmSync(folder, { recursive: true }));
  return path.join(folder, "next.sock");
}

// A process of the chain; it ends by itself or with the test.
async function startNext(t, file, name, ...flags) {
  const node = new Node("ours", ["--name", name, "--handover", file, ...flags]);
  node.exited.then(() => (node.gone = true));
  later(t, () => (node.gone ? 0 : node.stop()));
  return node.listening();
}

async function endedWell(node) {
  const [code, signal] = await within(node.exited, `the end of the process before`, 30_000);
  assert.equal(code, 0, `${signal}: ${node.log}`);
  assert.doesNotMatch(node.log, /Sanitizer|runtime error/);
}

// ---- clients that stay ----

function follow(t, node, options) {
  const socket = open(t, node, { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200, ...options });
  const story = { socket, connects: 0, ends: [], errors: [], options };
  socket.on("connect", () => story.connects++);
  socket.on("disconnect", (reason) => story.ends.push(reason));
  for (const event of ["connect_error", "reconnect_error", "error"]) (event.startsWith("re") ? (socket.io ?? socket) : socket).on(event, (error) => story.errors.push(error?.description ?? error));
  return story;
}

// ---- a storm of connections, each of which is to be served ----

// One request on a connection of its own, in two pieces; the status.
function knock(port, pause) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    let text = "";
    const end = "polling HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    socket.on("connect", () => {
      socket.write("GET /socket.io/?EIO=4&transport=");
      setTimeout(() => socket.write(end), pause);
    });
    socket.setEncoding("utf8").on("data", (more) => (text += more));
    socket.on("error", (error) => resolve(error.code));
    socket.on("close", () => resolve(text.slice(9, 12) || "closed"));
  });
}

const fetchBy = (agent, port, query, body) =>
  new Promise((resolve) => {
    const request = http.request({ host: "127.0.0.1", port, agent, method: body ? "POST" : "GET", path: `/socket.io/?EIO=4&transport=polling${query}` });
    request.on("error", (error) => resolve([error.code, ""]));
    request.on("response", async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve([response.statusCode, text]);
    });
    request.end(body);
  });

// A session whose requests come by a new connection each, as through a proxy: whichever process gets them.
async function visit(port, agent) {
  const [status, text] = await fetchBy(agent, port, "");
  if (status !== 200) return `handshake ${status}`;
  const { sid } = JSON.parse(text.slice(1));
  let before = performance.now();
  for (const body of ["40", undefined, '42["message",1]', undefined, "1"]) {
    const since = before;
    before = performance.now();
    const [code, answer] = await fetchBy(agent, port, `&sid=${sid}`, body);
    if (code === 400 && performance.now() - since > 900) return "200"; // it was told to go, and was not heard of for the second that it had
    if (code !== 200) return `${body ?? "poll"} ${code} ${answer}`;
    if (answer === "1") return "200"; // it was told to go
  }
  return "200";
}

// An official client that comes, upgrades, asks and goes.
function pass(node, over) {
  return new Promise((resolve) => {
    const socket = openPlain(node, over);
    const end = (what) => (resolve(what), socket.disconnect());
    socket.on("connect_error", (error) => end(`connect_error ${error.message} ${error.description ?? ""}`));
    socket.on("disconnect", (reason) => resolve(reason === "transport close" ? "200" : reason));
    socket.on("connect", () => socket.emit("echo", 1, () => end("200")));
  });
}
let openPlain;

function storm(t, node) {
  const seen = new Map();
  let on = true;
  const keep = (agent) => new http.Agent({ keepAlive: agent, maxSockets: 4 });
  const agents = [keep(true), keep(false)];
  const loop = async (step) => {
    while (on) {
      const what = await step();
      seen.set(what, (seen.get(what) ?? 0) + 1);
    }
  };
  const steps = [() => knock(node.port, 0), () => knock(node.port, 0), () => knock(node.port, 30), () => knock(node.port, 100), () => visit(node.port, agents[0]), () => visit(node.port, agents[1]), () => visit(node.port, agents[1]),
    ...Object.keys(transports).map((over) => () => pass(node, over))];
  const done = Promise.all(steps.map(loop));
  later(t, () => ((on = false), agents.forEach((agent) => agent.destroy())));
  return async () => ((on = false), await within(done, "the end of the storm", 20_000), Object.fromEntries(seen));
}

test("four hand-overs under a storm: nobody is refused or reset, and every client comes to the newest process", async (t) => {
  const file = place(t);
  const flags = ["--drain-ms", "2000", "--allow-eio3"]; // far longer than half a request waits for its other half
  let node = await startNext(t, file, "0", ...flags);
  const { port } = node;
  openPlain = (to, over) => open(t, to, { over });
  const stories = [2, 3, 4].flatMap((version) => Object.keys(transports).flatMap((over) => [0, 1].map(() => follow(t, node, { version, over }))));
  await Promise.all(stories.map(({ socket }) => next(socket, "auth")));
  const stopStorm = storm(t, node);
  for (let i = 1; i <= 4; i++) {
    const before = node;
    const moved = stories.map(({ socket }) => new Promise((resolve) => socket.once("auth", resolve)));
    node = await startNext(t, file, String(i), ...flags);
    assert.equal(node.port, port);
    await endedWell(before);
    await within(Promise.all(moved), "all clients, with the next process", 30_000);
  }
  const seen = await stopStorm();
  assert.deepEqual(Object.keys(seen), ["200"], JSON.stringify(seen));
  assert(seen["200"] > 50, JSON.stringify(seen));
  for (const { ends, errors, connects, options } of stories) {
    assert.deepEqual([ends, errors, connects], [Array(4).fill("transport close"), [], 5], JSON.stringify(options));
  }
  const control = await connect(t, node);
  const { sockets } = await ctl(control, "fetchSockets");
  assert.equal(sockets.length, stories.length + 1);
  assert((await ctl(control, "stats")).passed_on >= 0);
});

test("a process that was killed is followed by one that begins anew, and the file goes with the last", async (t) => {
  const file = place(t);
  const node = await startNext(t, file, "killed");
  await node.kill();
  node.gone = true;
  assert(existsSync(file));
  const other = await startNext(t, file, "other");
  assert.notEqual(other.port, 0);
  await connect(t, other); // it has heard of signals when it serves
  await other.terminate();
  assert.equal(existsSync(file), false);
});
