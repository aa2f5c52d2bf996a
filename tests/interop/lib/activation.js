// Plays systemd's part: opens sockets, and starts a program that finds them from descriptor 3 on.
import { once } from "node:events";
import { renameSync } from "node:fs";
import net from "node:net";
import { Life } from "./life.js";

async function openSocket(where) {
  const server = net.createServer();
  await once(server.listen(where), "listening");
  return server;
}

// The descriptor is the program's now. Node.js would remove the file of a unix socket, which systemd does not.
function handOver(server) {
  const where = server.address();
  if (typeof where === "string") renameSync(where, `${where}.kept`);
  server.close();
  if (typeof where === "string") renameSync(`${where}.kept`, where);
  return where;
}

// `sockets`: what net.Server's listen() takes, each; `environment` may spoil what is said about them.
// The program's life, and the addresses of the sockets.
export async function activate(command, args, sockets, environment = {}) {
  const servers = await Promise.all(sockets.map(openSocket));
  const script = 'LISTEN_PID=${LISTEN_PID:-$$} exec "$0" "$@"';
  const life = new Life("sh", ["-c", script, command, ...args], {
    env: { ...process.env, LISTEN_FDS: String(sockets.length), ...environment },
    sockets: servers.map((server) => server._handle.fd),
  });
  return { life, addresses: servers.map(handOver) };
}
