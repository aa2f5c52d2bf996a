// What a message to a room costs nodes that have nobody in it: heard by the pattern, and by the channels of rooms.
//   node bench/rooms.js [--nodes 10] [--rooms 10000] [--messages 100000]
// Each room has its one member on one of the nodes; messages go to one room each, in turns. CPU is that of the
// processes, memory what they grew by when the rooms were joined. The nodes are those of ${SIO_BUILD:-build}.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const require = createRequire(new URL("../tests/package.json", import.meta.url));
const msgpack = require("notepack.io");
const { createClient } = require("redis");
const { io } = require("socket.io-client");

const number = (value) => ({ type: "string", default: String(value) });
const { values } = parseArgs({ options: { nodes: number(10), rooms: number(10_000), messages: number(100_000) } });
const [nodeCount, roomCount, messageCount] = [values.nodes, values.rooms, values.messages].map(Number);
const program = path.join(process.env.SIO_BUILD ?? "build", "tests", "sio-testnode");
const ticks = 100; // of a second, in /proc/PID/stat

async function start(command, args, ready) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface(child.stdout)) if (ready.test(line)) return { child, line };
  throw new Error(`${command} did not start`);
}

function usage({ child: { pid } }) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /s, "").split(" ");
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1] * 1024;
  return { cpu: (Number(fields[11]) + Number(fields[12])) / ticks, rss };
}

async function join(socket, rooms) {
  for (let at = 0; at < rooms.length; at += 100) await socket.emitWithAck("join", rooms.slice(at, at + 100));
}

async function measure(way) {
  const folder = mkdtempSync(path.join(tmpdir(), "sio-bench-"));
  const address = path.join(folder, "redis");
  const redis = await start("redis-server", ["--port", "0", "--unixsocket", address, "--save", "", "--appendonly", "no"], /ready to accept/i);
  const client = createClient({ socket: { path: address } });
  await client.connect();
  const nodes = [];
  for (let index = 0; index < nodeCount; index++)
    nodes.push(await start(program, ["--port", "0", "--redis", `unix:${address}`, "--subscribe", way], /^listening/));
  const sockets = await Promise.all(nodes.map(async ({ line }) => {
    const socket = io(`http://127.0.0.1:${line.split(" ")[1]}`, { transports: ["websocket"], forceNew: true });
    await once(socket, "connect");
    return socket;
  }));
  const memory = async () => ({
    redis: Number(/used_memory:(\d+)/.exec(await client.info("memory"))[1]),
    nodes: nodes.reduce((sum, node) => sum + usage(node).rss, 0),
  });
  const before = await memory();
  const mine = sockets.map((_, index) => Array.from({ length: roomCount }, (_, room) => `room ${room}`).filter((_, room) => room % nodeCount === index));
  await Promise.all(sockets.map((socket, index) => join(socket, mine[index])));
  // an answer says that Redis knows of the rooms
  for (const socket of sockets) await socket.emitWithAck("ctl", { op: "allRooms" });
  const after = await memory();

  let received = 0;
  const all = new Promise((resolve) => sockets.forEach((socket) => socket.on("news", () => ++received === messageCount && resolve())));
  const payloads = Array.from({ length: roomCount }, (_, room) =>
    [`socket.io#/#room ${room}#`, Buffer.from(msgpack.encode(["emitter", { type: 2, data: ["news", "x".repeat(64)], nsp: "/" }, { rooms: [`room ${room}`], flags: {}, except: [] }]))]);
  const idle = { redis: usage(redis), nodes: nodes.map(usage) };
  const begin = performance.now();
  for (let at = 0; at < messageCount; at += 1000)
    await Promise.all(Array.from({ length: Math.min(1000, messageCount - at) }, (_, index) => client.publish(...payloads[(at + index) % roomCount])));
  await all;
  const seconds = (performance.now() - begin) / 1000;
  const spent = (now, then) => ((now.cpu - then.cpu) / messageCount) * 1e6;
  const result = {
    way, nodes: nodeCount, rooms: roomCount, messages: messageCount,
    seconds: Number(seconds.toFixed(2)),
    redis_cpu_us_per_message: Number(spent(usage(redis), idle.redis).toFixed(2)),
    nodes_cpu_us_per_message: Number(nodes.reduce((sum, node, index) => sum + spent(usage(node), idle.nodes[index]), 0).toFixed(2)),
    redis_bytes_per_room: Math.round((after.redis - before.redis) / roomCount),
    node_bytes_per_room: Math.round((after.nodes - before.nodes) / roomCount),
  };
  sockets.forEach((socket) => socket.disconnect());
  await client.quit();
  for (const { child } of [...nodes, redis]) (child.kill("SIGTERM"), await once(child, "exit"));
  rmSync(folder, { recursive: true });
  return result;
}

for (const way of ["pattern", "rooms"]) console.log(JSON.stringify(await measure(way)));
