// One soak: epochs of load and faults, each followed by quiet, in which everything is accounted for.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { issue } from "../interop/lib/certificates.js";
import { patience, within } from "../interop/lib/later.js";
import { Cluster, now, prefixOf } from "./cluster.js";
import { Good } from "./good.js";
import { grown } from "./health.js";
import { Hostile } from "./hostile.js";
import { Ledger } from "./ledger.js";

const ROOMS = ["red", "green", "blue", "white", "black", "room with \"quotes\" #", "ü"];
const SETTLED = 30_000 * patience; // ms in which the last words have to arrive
const GOES = 120_000; // ms in which what has begun ends
const CONFIRMED = 1000 * patience; // ms until Redis has confirmed the channel of a room
const RECOVERED = 60_000 * patience; // ms for which the session of who is away is kept
const DRAINS = 1000; // ms in which a process that is followed by another one sends its clients away
const MIB = 1024 * 1024;

// Limits as an operator would set them, so that hostile clients meet them.
const limits = ["--packets", "500", "--max-per-address", "400", "--max-buffered", String(4_000_000 * patience), "--connect-timeout", String(4000 * patience)];
const heartbeat = ["--ping-interval", String(5000 * patience), "--ping-timeout", String(10_000 * patience)];

// The flags of the nodes of ours in turns, and those that official ones know.
const adapters = {
  classic: { ours: [[], ["--subscribe", "rooms"], ["--subscribe", "auto"]] },
  pattern: { ours: [[]] },
  rooms: { ours: [["--subscribe", "rooms"]] },
  sharded: { both: ["--adapter", "sharded"] },
  streams: { both: ["--adapter", "streams", "--recovery", String(RECOVERED)] },
};

// Two more certificates of the authority whose first one the nodes begin with.
const certificatesIn = (folder) =>
  ["second", "third"].map((name) => (issue(folder, { cert: path.join(folder, "ca.pem"), key: path.join(folder, "ca-key.pem") }, name, { names: ["localhost", "127.0.0.1"] }), name));

export class Soak {
  // One leg of a plan. With TLS, SIO_TLS is the folder of the certificates.
  constructor({ epochs, seed, nodes, official, adapter, tls, handover, clients, hostile, every, fault, say }) {
    Object.assign(this, { epochs, seed, adapter, tls, every, fault, say, rooms: ROOMS, running: false, wrongs: [], heard: 0, sleepers: new Set() });
    this.recovers = adapter === "streams";
    this.counts = { connections: 0, failed: 0, recovered: 0, anew: 0, acks: 0, stalls: 0, acts: {}, ends: {} };
    if (handover) this.folder = mkdtempSync(path.join(tmpdir(), "sio-soak-"));
    this.cluster = new Cluster({
      kinds: [...Array(nodes).fill("ours"), ...(official ? ["reference"] : [])],
      flags: (...node) => this.#flags(adapters[adapter], ...node),
      say: (text) => this.say(`  ${this.#clock()} ${text}`),
      onDeath: (name, at) => this.ledger.died(name, at),
      ...(tls && { folder: process.env.SIO_TLS, certificates: certificatesIn(process.env.SIO_TLS) }),
    });
    this.joins = adapter === "pattern" || this.recovers ? 0 : CONFIRMED; // by rooms a join is known to others when Redis knows it
    this.ledger = new Ledger({
      outages: (...window) => this.cluster.outage(...window),
      alone: (name) => !this.recovers || this.#kind(name) === "ours",
    });
    this.good = Array.from({ length: clients }, (_, index) => new Good(index, this));
    this.hostile = Array.from({ length: hostile }, (_, index) => new Hostile(index, this));
  }

  #flags({ ours = [[]], both = [] }, kind, index, name) {
    const common = [...heartbeat, "--request-timeout", "2000", ...both];
    if (kind !== "ours") return common;
    const follows = this.folder ? ["--handover", path.join(this.folder, `${index}.sock`), "--drain-ms", String(DRAINS), "--id-prefix", prefixOf(name)] : [];
    return [...common, ...limits, ...ours[index % ours.length], ...follows];
  }

  #clock() {
    return `${((now() - this.began) / 1000).toFixed(1)} s`;
  }

  wrong(text) {
    this.wrongs.push(text);
  }

  // Sleeps; whatever sleeps is woken when the epoch ends.
  pause(ms, wakeable = () => {}) {
    return new Promise((resolve) => {
      const wake = () => (clearTimeout(timer), this.sleepers.delete(wake), resolve());
      const timer = setTimeout(wake, ms);
      this.sleepers.add(wake);
      wakeable(wake);
    });
  }

  ended(reason, provoked, { name, node }) {
    this.counts.ends[reason] = (this.counts.ends[reason] ?? 0) + 1;
    if (!provoked) this.wrong(`${name} lost ${node}, to which nothing had been done: ${reason}`);
  }

  // What a client makes of an event. A deliberate fault is here: it has to be found.
  spoil(stream, number) {
    if (!this.fault || !this.running || ++this.heard % 25 !== 0) return [[stream, number]];
    this.say(`  a deliberate fault: ${this.fault} ${stream} ${number}`);
    return { drop: [], double: [[stream, number], [stream, number]], forge: [[stream, number], [stream, 1e9]] }[this.fault];
  }

  async run() {
    this.began = now();
    await this.cluster.start();
    const measures = [await this.#measure()];
    for (const [index, epoch] of this.epochs.entries()) {
      this.epoch = index;
      await this.#load(epoch);
      measures.push(await this.#measure());
      this.#flat(measures);
      this.#tell(index, measures.at(-1));
    }
    await this.cluster.stop();
  }

  get allWrong() {
    return [...this.ledger.violations, ...this.cluster.wrongs, ...this.wrongs];
  }

  // Also when it has failed.
  end() {
    this.cluster.kill();
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }

  async #load({ length, steps }) {
    this.running = true;
    const lives = this.good.map((client) => client.live());
    const evil = this.hostile.map((client) => client.live());
    const begin = now();
    const faults = [];
    for (const step of steps) {
      await this.pause(Math.max(0, begin + step.at - now()));
      faults.push(this.cluster.run(step).catch((error) => this.wrong(`${step.what}: ${error.stack}`)));
    }
    await this.pause(Math.max(0, begin + length - now()));
    this.running = false;
    this.sleepers.forEach((wake) => wake());
    await Promise.all(faults);
    await this.cluster.healed();
    await within(Promise.all(evil), "the end of what hostile clients do", GOES);
    await this.#settle((await within(Promise.all(lives), "the end of what good clients do", GOES)).filter((life) => life && !life.over));
  }

  // Everybody says a last word, and when all have it, what has not come is lost.
  async #settle(lives) {
    await within(Promise.all(lives.map((life) => this.good[0].mark(life))), "answers to the last words", GOES);
    const end = now() + SETTLED;
    while (this.ledger.owing() > 0 && now() < end) await this.pause(20);
    this.ledger.judge(now());
    this.ledger.forget();
    for (const life of lives) this.good[0].leave(life);
  }

  // Of each node, when nobody but the control client is there.
  async #measure() {
    return new Map(await Promise.all(this.cluster.instances.map(async (instance) => {
      const heap = instance.node.kind === "ours" ? await this.#empty(instance) : 0;
      return [instance.name, { ...(await this.#still(instance)), heap }];
    })));
  }

  async #empty(instance) {
    const end = now() + 40_000 * patience;
    let stats;
    do {
      if (stats) await this.pause(50);
      stats = await instance.ctl("stats");
    } while ((stats.clients > 1 || stats.connections > 1 || stats.queued_bytes > 0) && now() < end);
    if (stats.clients > 1 || stats.connections > 1) this.wrong(`${instance.name} still has ${stats.clients} clients, ${stats.connections} connections when nobody is there`);
    if (stats.buffered_bytes > 2000)
      this.wrong(`${instance.name} has ${stats.buffered_bytes} bytes queued for nobody`);
    return stats.heap_bytes;
  }

  // The least of what is seen while the allocator gives back what it does not need.
  async #still(instance) {
    let best = instance.measure();
    for (let round = 0; round < 15; round++) {
      await this.pause(100);
      const again = instance.measure();
      if (again.resident < best.resident) best = again;
      best.fds = again.fds;
    }
    return best;
  }

  // A node that was there at an earlier quiet, after a whole epoch of load, has what it had then: some descriptors are opened when needed.
  #flat(measures) {
    for (const [name, measure] of measures.at(-1)) {
      const first = measures.find((later, index) => later.has(name) && measures[index - 1]?.has(name));
      if (!first || first === measures.at(-1) || this.#kind(name) !== "ours") continue;
      for (const text of grown(first.get(name), measure)) this.wrong(`${name} ${text}`);
    }
  }

  #kind(name) {
    return this.cluster.past.find((instance) => instance.name === name).node.kind;
  }

  #tell(index, measure) {
    const { sent, received, volatile } = this.ledger.counts;
    const nodes = [...measure].map(([name, { fds, heap, resident }]) => `${name} ${heap ? `${(heap / MIB).toFixed(2)} of ` : ""}${(resident / MIB).toFixed(1)} MiB, ${fds.length} fds`).join(", ");
    const wrong = this.ledger.violations.length + this.cluster.wrongs.length + this.wrongs.length;
    this.say(`${this.#clock()} epoch ${index} accounted for: ${sent} sent, ${received} received, ${volatile} volatile lost, slowest ${Math.round(this.ledger.slowest)} ms; ${nodes}; ${wrong} wrong`);
  }
}
