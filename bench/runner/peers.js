// Who is measured, and what versions they are.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { nginxVersion } from "./nginx.js";
import { version } from "./process.js";

const build = process.env.SIO_BUILD ?? "build";
export const built = (name) => path.resolve(build, name);
const bun = path.resolve("bench/peers/node_modules/.bin/bun");
const bunWorks = existsSync(bun) && version(bun, "--version") !== undefined;

const installed = (folder, name) => {
  const file = path.join(folder, "node_modules", name, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : undefined;
};

const noPackages = installed("tests", "socket.io") ? undefined : "tests/node_modules is missing: run scripts/setup";

// `missing` says why one cannot be measured here.
export const peers = {
  ours: { title: "ours", command: [built("bench/sio-bench-server")] },
  "ours-rooms": { title: "ours, rooms", command: [built("bench/sio-bench-server"), "--subscribe", "rooms"] },
  "ours-threads": { title: "ours, a thread helps", command: [built("bench/sio-bench-server"), "--send-threads", "1"] },
  floor: { title: "floor", command: [built("bench/sio-bench-floor")] },
  node: {
    title: "Node.js",
    command: [process.execPath, "bench/peers/node-server.js"],
    missing: noPackages,
  },
  bun: {
    title: "Bun",
    command: [bun, "bench/peers/bun-server.js"],
    missing: bunWorks ? undefined : "to measure it too: (cd bench/peers && npm ci)",
  },
  "ours-tls": { title: "ours, TLS", command: [built("bench/sio-bench-server")], tls: true },
  "ours-nginx": {
    title: "ours, nginx before it",
    command: [built("bench/sio-bench-server")],
    nginx: true,
    missing: nginxVersion() ? undefined : "nginx is missing: run scripts/setup",
  },
  "node-tls": { title: "Node.js, https", command: [process.execPath, "bench/peers/node-server.js"], tls: true, missing: noPackages },
};

export function versions() {
  return {
    "sio": version("git", "describe", "--always", "--dirty") ?? "unknown",
    "compiler": version(built("bench/sio-bench-micro"), "--compiler"),
    "redis-server": version("redis-server", "--version")?.match(/v=(\S+)/)?.[1],
    "nginx": nginxVersion(),
    "node": process.version,
    "socket.io": installed("tests", "socket.io"),
    "@socket.io/redis-adapter": installed("tests", "@socket.io/redis-adapter"),
    "ws": installed("tests", "ws"),
    "bun": bunWorks ? version(bun, "--version") : undefined,
    "@socket.io/bun-engine": installed("bench/peers", "@socket.io/bun-engine"),
  };
}
