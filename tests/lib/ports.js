// Ports for programs that cannot choose one themselves.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

// Below those that the kernel gives to whoever asks for port 0, and to connections that go out: in the time until the program
// listens, or does so again, none of these may take it.
const FIRST = 10_000;

function end() {
  try {
    const lowest = Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s/)[0]);
    return lowest > FIRST + 5_000 ? lowest : 32_768;
  } catch {
    return 32_768;
  }
}

// Resolves with whether it could be bound.
const bound = (socket, event) =>
  Promise.race([once(socket, event).then(() => true), once(socket, "error").then(() => false)]).catch(() => false);

// The UDP port of the same number, kept until this process ends, keeps it from other processes that ask here.
async function claim(port) {
  const mark = createSocket("udp4").unref();
  mark.bind({ port, address: "127.0.0.1", exclusive: true });
  if (await bound(mark, "listening")) return true;
  mark.close();
  return false;
}

async function isFree(port) {
  const server = createServer().listen(port, "127.0.0.1");
  const free = await bound(server, "listening");
  server.close();
  if (free) await once(server, "close");
  return free;
}

// So many, all different, of 127.0.0.1.
export async function freePorts(count) {
  const ports = [];
  const span = end() - FIRST;
  while (ports.length < count) {
    const port = FIRST + Math.floor(Math.random() * span);
    if ((await claim(port)) && (await isFree(port))) ports.push(port);
  }
  return ports;
}
