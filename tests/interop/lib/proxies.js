// nginx and HAProxy with the configurations of deploy/, changed in nothing but addresses, files and ports.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect as dial } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "../../lib/files.js";
import { certificates } from "./certificates.js";
import { eventually } from "./clients.js";
import { later, within } from "./later.js";
import { freePorts } from "./redis.js";

const places = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
const env = { ...process.env, PATH: places };

// What node:test skips by: nothing where the program is there.
export const without = (program) =>
  spawnSync(program, ["-v"], { env }).error ? { skip: `${program} is not installed: scripts/setup does that` } : {};

function replaceAll(text, changes) {
  for (const [what, by] of Object.entries(changes)) {
    if (!text.includes(what)) throw new Error(`the configuration has no ${what}`);
    text = text.replaceAll(what, by);
  }
  return text;
}

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
    this.exited = once(this.child, "exit");
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
  const text = replaceAll(readFileSync(path.join(root, "deploy", file), "utf8"), changes(ports, folder));
  const config = path.join(folder, file);
  writeFileSync(config, text);
  const proxy = new Proxy(program, args(config, folder), ports);
  later(t, () => proxy.stop());
  return proxy.ready();
}

const addresses = ["10.0.0.11:3000", "10.0.0.12:3000", "10.0.0.13:3000"];
const atNodes = (names, nodes) => Object.fromEntries(names.map((name, i) => [name, nodes[i].host]));
// Files of its own, where it would take the system's.
const nginxPlaces = (folder) => ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
const nginxArgs = (config, folder) =>
  ["-e", "stderr", "-p", folder, "-c", config, "-g", `daemon off; pid ${folder}/pid; ${process.getuid() === 0 ? "user root;" : ""}`];

export async function startNginx(t, nodes) {
  const { cert, key } = certificates();
  const changes = ([port, plain], folder) => ({
    ...atNodes(addresses, nodes), "http {": `http { ${nginxPlaces(folder)}`, "listen 80": `listen 127.0.0.1:${plain}`,
    "listen 443": `listen 127.0.0.1:${port}`, "https://$host$": `https://127.0.0.1:${port}$`, "/etc/ssl/chat/fullchain.pem": cert, "/etc/ssl/chat/key.pem": key,
  });
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
