// nginx and HAProxy with the configurations of deploy/.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect as dial } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { addresses, configure, env, nginxArgs, nginxChanges, nginxPlaces } from "../../lib/deploy.js";
import { freePorts } from "../../lib/ports.js";
import { certificates } from "./certificates.js";
import { eventually } from "./clients.js";
import { later, within } from "./later.js";

// What node:test skips by: nothing where the program is there.
export const without = (program) =>
  spawnSync(program, ["-v"], { env }).error ? { skip: `${program} is not installed: scripts/setup does that` } : {};

const listens = (port) =>
  new Promise((resolve) => {
    const socket = dial(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true))).once("error", () => resolve(false));
  });

class Proxy {
  constructor(program, args, ports) {
    this.log = "";
    this.child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.setEncoding("utf8").on("data", (text) => (this.log += text));
    this.exited = once(this.child, "close");
    [this.port, this.plainPort] = ports;
    this.host = `127.0.0.1:${this.port}`;
  }

  async ready() {
    const early = this.exited.then(([code]) => Promise.reject(new Error(`the proxy ended with ${code}: ${this.log}`)));
    early.catch(() => {});
    await Promise.race([early, eventually("the proxy listens", () => listens(this.port))]);
    return this;
  }

  async stop() {
    this.child.kill("SIGTERM");
    await within(this.exited, "the end of the proxy").finally(() => this.child.kill("SIGKILL"));
  }
}

async function start(t, program, file, changes, args) {
  const folder = mkdtempSync(path.join(tmpdir(), "sio-proxy-"));
  later(t, () => rmSync(folder, { recursive: true, force: true }));
  const ports = await freePorts(2);
  const proxy = new Proxy(program, args(configure(folder, file, changes(ports, folder)), folder), ports);
  later(t, () => proxy.stop());
  return proxy.ready();
}

const atNodes = (names, nodes) => Object.fromEntries(names.map((name, i) => [name, nodes[i].host]));

export async function startNginx(t, nodes) {
  const changes = (ports, folder) => nginxChanges(nodes.map(({ host }) => host), ports, folder, certificates());
  const proxy = await start(t, "nginx", "nginx-tls.conf", changes, nginxArgs);
  return Object.assign(proxy, { url: `https://${proxy.host}` });
}

// That of docker-compose.yml, without TLS.
export async function startNginxByCookie(t, nodes) {
  const changes = ([port], folder) => ({
    ...atNodes(["chat-1:3000", "chat-2:3000", "chat-3:3000"], nodes), "http {": `http { ${nginxPlaces(folder)}`, "listen 80": `listen 127.0.0.1:${port}`,
  });
  const proxy = await start(t, "nginx", "nginx.conf", changes, nginxArgs);
  return Object.assign(proxy, { url: `http://${proxy.host}` });
}

const haproxyArgs = (config) => ["-db", "-f", config];

export async function startHaproxy(t, nodes) {
  const changes = ([port, plain]) => ({
    ...atNodes(addresses, nodes), "bind :80": `bind 127.0.0.1:${plain}`, "bind :443": `bind 127.0.0.1:${port}`, "/etc/ssl/chat/all.pem": certificates().all,
  });
  const proxy = await start(t, "haproxy", "haproxy.cfg", changes, haproxyArgs);
  return Object.assign(proxy, { url: `https://${proxy.host}` });
}

export async function startHaproxyByAddress(t, nodes) {
  const changes = ([port]) => ({ ...atNodes(addresses, nodes), "bind :443": `bind 127.0.0.1:${port}`, "/etc/ssl/chat/all.pem": certificates().all });
  const proxy = await start(t, "haproxy", "haproxy-tcp.cfg", changes, haproxyArgs);
  return Object.assign(proxy, { url: `https://${proxy.host}` });
}
