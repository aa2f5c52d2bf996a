// Nodes and their Redis, what is done to them, and when they say that they were cut off from each other.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { io } from "socket.io-client";
import { patience, within } from "../interop/lib/later.js";
import { Node } from "../interop/lib/node.js";
import { startRedis } from "../interop/lib/redis.js";
import { lineKind } from "./health.js";

const EXPLAINED = 40_000 * patience; // ms within which a fault explains that a link broke
const TOLD = 500 * patience; // ms that a line of a log may take to reach us

export const now = () => performance.now();
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
    else if (kind === "warning") this.cluster.warnings++;
    else if (kind === "ready") this.#back();
    else if (kind === "cut") this.#cut(line);
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

  async control() {
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
  constructor({ kinds, flags, say, onDeath }) {
    Object.assign(this, { kinds, flags, say, onDeath, faults: [], wrongs: [], warnings: 0, outages: 0, done: {}, past: [], generation: kinds.map(() => 0) });
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
    const generation = this.generation[index]++;
    const instance = new Instance(this, kind, `n${index}.${generation}`, ["--redis", this.redis.url, ...this.flags(kind, index)]);
    this.past.push(instance);
    await instance.node.listening();
    instance.up = true;
    return instance;
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

  // Was anything done to the node that excuses that its clients went, since `from`? The official one needs no excuse here.
  harmed(name, from) {
    return this.past.find((instance) => instance.name === name).node.kind !== "ours" || this.faults.some(({ until, node }) => node === name && until >= from);
  }

  async run({ what, node, lasts, why = what }) {
    const target = node === undefined ? null : this.instances[node];
    if (target && !(target.up && !target.frozen && !target.ending)) return; // it is being done to already
    if (/redis|links/.test(what) && this.busy) return;
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
