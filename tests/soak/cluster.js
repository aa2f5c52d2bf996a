// Nodes and their Redis, what is done to them, and when they say that they were cut off from each other.
import { copyFileSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import tls from "node:tls";
import { io } from "socket.io-client";
import { patience, within } from "../interop/lib/later.js";
import { Node } from "../interop/lib/node.js";
import { startRedis } from "../interop/lib/redis.js";
import { lineKind } from "./health.js";

const EXPLAINED = 40_000 * patience; // ms within which a fault explains that a link broke
const TOLD = 500 * patience; // ms that a line of a log may take to reach us
const SETTLES = 500 * patience; // ms in which an official node has sent its first commands to Redis
const DRAINED = 30_000; // ms in which a process that was followed by another one ends

export const now = () => performance.now();
// What the ids of a node's sessions begin with.
export const prefixOf = (name) => `${name.replace(".", "_")}-`;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// One life of a node: its process, and what it says.
class Instance {
  constructor(cluster, kind, name, flags) {
    Object.assign(this, { cluster, kind, name, outages: [{ from: now(), to: Infinity }], lines: [], up: false });
    this.node = new Node(kind, ["--name", name, ...flags]);
    this.pid = this.node.child.pid;
    let rest = "";
    this.node.child.stderr.on("data", (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      lines.forEach((line) => this.#says(line));
    });
    this.node.exited.then(([code, signal]) => {
      this.up = false;
      if (!this.ending) cluster.wrong(`${name} ended by itself with ${code ?? signal}`);
    });
  }

  #says(line) {
    this.node.log = this.node.log.slice(-100_000); // what is followed here is not kept there
    if (!/^\[[^\]]+\] \/\S*: \S+ disconnected: /.test(line)) this.lines.push(`${Math.round(now())} ${line}`);
    const kind = lineKind(line);
    if (kind === "sanitizer" || kind === "error") this.cluster.wrong(`${this.name}: ${line}`);
    else if (kind === "warning") this.#warns(line);
    else if (kind === "ready") this.#back();
    else if (kind === "cut") this.#cut(line);
  }

  #warns(line) {
    this.cluster.warnings++;
    if (/Redis does not answer in time/.test(line)) this.cluster.slow.push(now());
  }

  get ready() {
    return this.up && this.outages.at(-1).to !== Infinity;
  }

  #back() {
    const last = this.outages.at(-1);
    if (last.to === Infinity) last.to = now();
  }

  #cut(line) {
    if (this.outages.at(-1).to === Infinity) return;
    const since = this.cluster.cause(this.name);
    if (since === null) this.cluster.wrong(`${this.name} lost Redis, and nothing had been done to it: ${line}`);
    this.outages.push({ from: since ?? now(), to: Infinity });
    this.cluster.outages++;
  }

  // What follows on its port is spoken to when it has gone.
  async control() {
    if (this.next) return this.next.control();
    if (this.socket?.connected) return this.socket;
    this.socket = io(`${this.node.url}/custom`, { transports: ["websocket"], forceNew: true, reconnection: false });
    await within(new Promise((resolve, reject) => this.socket.once("connect", resolve).once("connect_error", reject)), `a connection to ${this.name}`, 30_000);
    return this.socket;
  }

  async ctl(op, fields = {}) {
    const socket = await this.control();
    return within(new Promise((resolve, reject) => {
      const gone = () => reject(new Error(`${this.name} went before it answered ${op}`));
      socket.once("disconnect", gone).emit("ctl", { op, ...fields }, (reply) => (socket.off("disconnect", gone), resolve(reply)));
    }), `${op} of ${this.name}`, 30_000);
  }

  // The certificate that is shown to who comes now: its subject's name.
  async shown() {
    const socket = tls.connect({ port: this.node.port, host: "127.0.0.1", rejectUnauthorized: false });
    try {
      await within(new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject)), `a handshake with ${this.name}`, 30_000);
      return socket.getPeerCertificate().subject.CN;
    } finally {
      socket.destroy();
    }
  }

  // Descriptors by what they are, and resident bytes.
  measure() {
    const folder = `/proc/${this.pid}/fd`;
    const fds = readdirSync(folder).map((fd) => {
      try {
        return readlinkSync(`${folder}/${fd}`).replace(/\[\d+\]/, "");
      } catch {
        return "gone";
      }
    });
    const resident = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.pid}/status`, "utf8"))[1]) * 1024;
    return { fds: fds.sort(), resident };
  }
}

export class Cluster {
  // flags: of a node by kind, index and name. certificates: folders with those that are used in turns, in place of what `folder` has.
  constructor({ kinds, flags, say, onDeath, folder, certificates = [] }) {
    Object.assign(this, { kinds, flags, say, onDeath, folder, certificates, faults: [], wrongs: [], slow: [], warnings: 0, outages: 0, done: {}, past: [] });
    Object.assign(this, { generation: kinds.map(() => 0), launching: 0, renewed: 0 });
  }

  wrong(text) {
    this.wrongs.push(`${Math.round(now())}: ${text}`);
  }

  async start() {
    this.redis = await startRedis({ after: (undo) => (this.undoRedis = undo) });
    this.instances = await Promise.all(this.kinds.map((_, index) => this.#launch(index)));
    await this.healed();
  }

  async #launch(index) {
    const kind = this.kinds[index];
    const name = `n${index}.${this.generation[index]++}`;
    this.launching++;
    const instance = new Instance(this, kind, name, ["--redis", this.redis.url, ...this.flags(kind, index, name)]);
    this.past.push(instance);
    try {
      await instance.node.listening();
    } finally {
      this.launching--;
    }
    if (kind !== "ours") await pause(SETTLES); // it listens before it has begun to read from Redis
    instance.up = true;
    return instance;
  }

  // Who it is that serves that session, when one process follows another on a port.
  serving(instance, sid) {
    return this.past.find(({ name }) => sid.startsWith(prefixOf(name))) ?? instance;
  }

  // Those that take clients now.
  get living() {
    return this.instances.filter(({ up, frozen }) => up && !frozen);
  }

  // When what could break the link of that node began, if anything did.
  cause(name) {
    const since = now() - EXPLAINED;
    const fault = this.faults.findLast(({ until, whose }) => (whose === null || whose === name) && until > since);
    return fault ? fault.from : null;
  }

  // Did that node report an outage between these times?
  outage(name, from, to) {
    return this.past.find((instance) => instance.name === name).outages.some((outage) => outage.from <= to && outage.to + TOLD >= from);
  }

  // Was anything done to the node that excuses that its clients went, since `from`, other than `but`? The official one needs no excuse here.
  harmed(name, from, but = new Set()) {
    return this.past.find((instance) => instance.name === name).node.kind !== "ours" || this.faults.some(({ what, until, node }) => node === name && until >= from && !but.has(what));
  }

  // Has anybody been without Redis since then, or found it too slow?
  troubled(from) {
    return this.faults.some(({ what, until }) => /redis|links/.test(what) && until >= from) || this.slow.some((at) => at >= from) || this.past.some(({ up, outages }) => up && outages.at(-1).to >= from);
  }

  async run({ what, node, lasts, why = what }) {
    const target = node === undefined ? null : this.instances[node];
    if (target && !(target.up && !target.frozen && !target.ending)) return; // it is being done to already
    if (/redis|links/.test(what) && this.busy) return;
    if (what === "renew certificates" && this.renewing) return;
    this.done[why] = (this.done[why] ?? 0) + 1;
    const fault = { what, from: now(), until: Infinity, whose: target?.name ?? null, node: target?.name };
    this.faults.push(fault);
    this.say(`${why}${target ? ` ${target.name}` : ""}, ${lasts} ms`);
    try {
      await this.#steps[what](lasts, target, node);
    } finally {
      fault.until = now();
    }
  }

  #steps = {
    "kill node": (lasts, target, index) => this.#replace(target, index, lasts, () => target.node.kill()),
    "stop node": (lasts, target, index) => this.#replace(target, index, lasts, () => target.node.stop().catch((error) => this.wrong(error.message))),
    "freeze node": async (lasts, target) => {
      target.frozen = true;
      await this.#frozen(target.node.child, lasts);
      target.frozen = false;
    },
    "hand over": (lasts, target, index) => this.#followed(target, index),
    "renew certificates": () => this.#renew(),
    "kill redis": (lasts) => this.#alone(async () => {
      await this.redis.kill();
      await pause(lasts);
      await this.redis.start();
    }),
    "freeze redis": (lasts) => this.#alone(() => this.#frozen(this.redis.child, lasts)),
    "cut links": () => this.#alone(async () => {
      const admin = await this.redis.client({ after: (undo) => (this.undoAdmin = undo) });
      for (const type of ["pubsub", "normal"]) await admin.sendCommand(["CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"]);
      await this.undoAdmin();
    }),
  };

  async #alone(step) {
    this.busy = true;
    try {
      await step();
    } finally {
      this.busy = false;
    }
  }

  async #frozen(child, lasts) {
    child.kill("SIGSTOP");
    await pause(lasts);
    child.kill("SIGCONT");
  }

  async #replace(target, index, lasts, end) {
    target.ending = true;
    target.up = false;
    this.onDeath(target.name, now());
    target.socket?.disconnect();
    await end();
    await pause(lasts);
    this.instances[index] = await this.#launch(index);
  }

  // Clients go on to be sent to the one before, whose port it is: nobody may be refused.
  async #followed(target, index) {
    target.ending = true;
    const next = await this.#launch(index);
    const [code, signal] = await within(target.node.exited, `the end of ${target.name}, which was followed by ${next.name}`, DRAINED);
    if (code !== 0) this.wrong(`${target.name} was followed by ${next.name}, and ended with ${code ?? signal}`);
    if (next.node.port !== target.node.port) this.wrong(`${next.name} was to listen on the port of ${target.name}`);
    target.next = this.instances[index] = next;
    target.socket?.disconnect();
  }

  // Whoever starts meanwhile would find a certificate without its key.
  async #renew() {
    this.renewing = true;
    try {
      while (this.launching > 0) await pause(20);
      const from = now();
      const name = this.certificates[this.renewed++ % this.certificates.length];
      for (const end of [".pem", "-key.pem"]) copyFileSync(path.join(this.folder, `${name}${end}`), path.join(this.folder, `server${end}`));
      await Promise.all(this.living.filter(({ node }) => node.kind === "ours").map(async (instance) => {
        try {
          const reply = await instance.ctl("reload");
          const shown = await instance.shown();
          if (!reply.ok || shown !== name) throw new Error(`it shows the certificate ${shown} instead of ${name}: ${reply.error ?? ""}`);
        } catch (error) {
          if (!this.harmed(instance.name, from - 1000)) this.wrong(`${instance.name} was to take a new certificate: ${error.message}`);
        }
      }));
    } finally {
      this.renewing = false;
    }
  }

  // All are linked to Redis. The client of Redis that the official node has may never come back from a link that broke while it was being
  // made; that is not what is tried here.
  async healed() {
    const end = now() + 60_000 * patience;
    while (!this.instances.every((instance) => instance.ready)) {
      const late = this.instances.filter((instance) => !instance.ready);
      if (now() > end) throw new Error(`not linked to Redis again: ${late.map(({ name }) => name)}`);
      if (now() > end - 40_000 * patience)
        for (const { name, node } of late.filter(({ up, node }) => up && node.kind !== "ours"))
          await this.run({ what: "kill node", node: this.instances.findIndex((instance) => instance.name === name), lasts: 0, why: `${node.kind} stays without Redis` });
      await pause(20);
    }
  }

  async stop() {
    for (const instance of this.instances) {
      instance.ending = true;
      instance.socket?.disconnect();
      if (instance.node.child.exitCode === null) await instance.node.stop().catch((error) => this.wrong(error.message));
    }
    await this.undoRedis();
  }

  // At once, when something has failed.
  kill() {
    for (const { node } of this.past) node.child.kill("SIGKILL");
    this.redis?.child.kill("SIGKILL");
  }
}
