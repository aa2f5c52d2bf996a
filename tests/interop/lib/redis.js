// A Redis of the test's own, on a free port; it can be stopped and started again on the same one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createClient } from "redis";
import { freePorts } from "../../lib/ports.js";
import { eventually } from "./clients.js";
import { later, within } from "./later.js";

export class Redis {
  host = "127.0.0.1"; // that it listens on
  by = []; // words of a command that starts it

  constructor(port, ...more) {
    this.port = port;
    this.more = more;
  }

  get url() {
    return `redis://${this.host}:${this.port}`;
  }

  async start() {
    const args = ["--port", this.port, "--bind", this.host, "--save", "", "--appendonly", "no", ...this.more];
    const [command, ...rest] = [...this.by, "redis-server", ...args.map(String)];
    this.child = spawn(command, rest, { stdio: ["ignore", "pipe", "inherit"] });
    const ready = new Promise((resolve, reject) => {
      let seen = "";
      this.child.stdout.setEncoding("utf8").on("data", (text) => {
        seen = (seen + text).slice(-10_000);
        if (seen.includes("Ready to accept connections")) resolve();
      });
      this.child.once("close", (code) => reject(new Error(`redis-server ended with ${code}: ${seen}`)));
    });
    await within(ready, "redis-server that is ready");
    return this;
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await within(gone, "the end of redis-server");
  }

  // Without a word to anybody.
  async kill() {
    const gone = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await within(gone, "the end of redis-server");
  }

  // A client of the test's own, for the emitter and for what no node would publish.
  async client(t) {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: 50 } });
    client.on("error", () => {});
    await client.connect();
    later(t, () => (client.isReady ? client.quit() : client.disconnect()));
    return client;
  }
}

export async function startRedis(t) {
  const redis = new Redis((await freePorts(1))[0]);
  const ready = redis.start();
  later(t, () => redis.stop());
  return ready;
}

// A Redis Cluster: masters that share the slots, the first of which have replicas. It takes a node for dead that has said nothing
// for some seconds; no machine is so busy that one only seems so.
class RedisCluster {
  constructor(servers, masters) {
    this.servers = servers;
    this.masters = servers.slice(0, masters);
    this.url = `redis+cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
  }

  async unite(t) {
    this.clients = await Promise.all(this.servers.map((server) => server.client(t)));
    this.ids = await Promise.all(this.clients.map((client) => client.sendCommand(["CLUSTER", "MYID"])));
    for (const { port, bus } of this.servers.slice(1))
      await this.clients[0].sendCommand(["CLUSTER", "MEET", "127.0.0.1", String(port), String(bus)]);
    const share = Math.ceil(16384 / this.masters.length);
    for (const index of this.masters.keys())
      await this.clients[index].sendCommand(["CLUSTER", "ADDSLOTSRANGE", String(index * share), String(Math.min(16384, (index + 1) * share) - 1)]);
    await this.settled(this.clients);
    for (const [index, client] of this.clients.slice(this.masters.length).entries())
      await client.sendCommand(["CLUSTER", "REPLICATE", this.ids[index]]);
    for (const client of this.clients.slice(this.masters.length))
      await eventually("a replica that is linked", async () => (await client.sendCommand(["INFO", "replication"])).includes("master_link_status:up"));
    return this;
  }

  async settled(clients) {
    for (const client of clients)
      await eventually("the cluster is up", async () => {
        const info = await client.sendCommand(["CLUSTER", "INFO"]);
        return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${this.servers.length}`);
      });
  }

  slot(channel) {
    return this.clients[0].sendCommand(["CLUSTER", "KEYSLOT", channel]);
  }

  // The index of the server that a channel is with.
  async owner(channel, by = 0) {
    const slot = await this.slot(channel);
    const ranges = await this.clients[by].sendCommand(["CLUSTER", "SLOTS"]);
    const [, , [, port]] = ranges.find(([first, last]) => first <= slot && slot <= last);
    return this.servers.findIndex((server) => server.port === port);
  }

  async move(channel, to) {
    const slot = await this.slot(channel);
    for (const client of [this.clients[to], ...this.clients])
      await client.sendCommand(["CLUSTER", "SETSLOT", String(slot), "NODE", this.ids[to]]);
  }
}

export async function startRedisCluster(t, masters = 3, replicas = 0) {
  const count = masters + replicas;
  const folder = await mkdtemp(path.join(tmpdir(), "sio-cluster-"));
  later(t, () => rm(folder, { recursive: true, force: true }));
  const ports = await freePorts(2 * count);
  const servers = await Promise.all(Array.from({ length: count }, async (_, index) => {
    const [port, bus] = ports.slice(2 * index, 2 * index + 2);
    const server = new Redis(port, "--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", replicas > 0 ? "3000" : "5000",
      "--cluster-config-file", `nodes-${port}.conf`, "--dir", folder, "--repl-diskless-sync-delay", "0");
    server.bus = bus;
    later(t, () => server.stop());
    return server.start();
  }));
  return new RedisCluster(servers, masters).unite(t);
}
