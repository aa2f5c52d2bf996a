// nginx ends TLS before a node, by deploy/nginx-tls.conf.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { configure, env, nginxArgs, nginxChanges } from "../../tests/lib/deploy.js";
import { freePorts } from "../../tests/lib/ports.js";
import { folder, launch } from "./process.js";

export const nginxVersion = () => {
  const { stderr, error } = spawnSync("nginx", ["-v"], { env, encoding: "utf8" });
  return error ? undefined : stderr.match(/nginx\/(\S+)/)?.[1];
};

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true))).once("error", () => resolve(false));
  });

// The workers, which do all of it; it listens before it starts them, at once or one after the other.
const childrenOf = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

// As a node: { line, pids, … }.
export async function startNginx(port, certificates) {
  const place = mkdtempSync(path.join(folder, "nginx-"));
  const ports = await freePorts(2);
  const hosts = Array(3).fill(`127.0.0.1:${port}`);
  const life = launch("nginx", nginxArgs(configure(place, "nginx-tls.conf", nginxChanges(hosts, ports, place, certificates)), place), { env });
  const pids = async () => ((await listens(ports[0])) ? childrenOf(life.child.pid) : []);
  for (let i = 0, before = 0; ; i++) {
    const workers = await pids();
    if (workers.length > 0 && workers.length === before) return Object.assign(life, { port: ports[0], pids: workers });
    if (i === 500 || life.child.exitCode !== null) throw new Error(`nginx did not start: ${life.said}`);
    before = workers.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
