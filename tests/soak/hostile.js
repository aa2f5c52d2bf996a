// Clients that lie, flood, stand still and break off. Each act says when it was not answered as it has to be.
import { once } from "node:events";
import { connect as dial } from "node:net";
import { randomBytes } from "node:crypto";
import { patience, within } from "../interop/lib/later.js";
import { mutations, random } from "../interop/lib/mutate.js";
import { frame, joinPolling, joinWebSocket, openPolling, openTcp, openTcpWebSocket, openWebSocket, upgradeRequest } from "../interop/lib/raw.js";
import { reset } from "../interop/lib/tls.js";
import { now } from "./cluster.js";

const PATIENCE = 30_000; // ms until who must be closed is closed, on a machine that is busy
const STRANGER = "127.0.0.66"; // the address of those who come in crowds

const head = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n";
const post = "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n";
const packets = ["40", "40/custom,{}", '42["echo",{"a":[1,2.5,"\u00e4"]}]', '421["message-with-ack",1]', '451-["echo",{"_placeholder":true,"num":0}]'];
const traffic = Buffer.concat([...packets.map((packet) => frame(packet)), frame(randomBytes(9), { opcode: 2 }), frame("x", { opcode: 9 }), frame("42", { fin: false }), frame("[]", { opcode: 0 })]);
const lies = ["x", "4x", "42[]", '42["connect"]', '43["never asked"]', '439999[1]', "40", '42/custom,["a"]', '4511-["a"]', '451-["a",{"_placeholder":true,"num":7}]',
  `42["echo",${"[".repeat(100_000)}${"]".repeat(100_000)}]`, '42["a\n"]', "44{}", "6", "1"];

const gone = (socket, what) => within(socket.gone ?? socket.closed, `the close after ${what}`, PATIENCE);

async function dialFrom(t, node) {
  const socket = dial({ port: node.port, host: "127.0.0.1", localAddress: STRANGER });
  socket.on("error", () => {});
  t.after(() => socket.destroy());
  await Promise.race([once(socket, "connect"), once(socket, "close")]);
  return socket;
}

// What is not closed by the node is closed by the act's end, so that quiet is quiet.
export const acts = {
  garbage: async ({ t, node, below }) => {
    const socket = await openTcp(t, node);
    socket.end(Buffer.concat([randomBytes(1 + below(5000)), Buffer.from("\r\n\r\n")]));
    await gone(socket, "garbage");
  },
  "faults in good traffic": async ({ t, node, below }) => {
    for (const faulty of mutations(traffic, 10, below(2 ** 31))) {
      const socket = await openTcp(t, node);
      socket.write(upgradeRequest());
      socket.end(faulty);
      await gone(socket, "faulty traffic");
    }
  },
  "half a request": async ({ t, node, below, pause }) => {
    const socket = await openTcp(t, node);
    for (const byte of [head, `${post}Content-Length: 10\r\n\r\nabc`, ""][below(3)]) {
      socket.write(byte);
      if (below(4) === 0) await pause(below(60));
    }
    await pause(below(2000));
  },
  "a flood of packets": async ({ t, node }) => {
    const socket = await openTcpWebSocket(t, node);
    socket.write(frame("40"));
    socket.write(Buffer.concat(Array.from({ length: 4000 }, () => frame('42["echo",1]'))));
    await gone(socket, "a flood of packets");
  },
  "a client that does not read": async ({ t, node, ctl, goesOn }) => {
    const deaf = await openTcpWebSocket(t, node);
    deaf.write(frame("40"));
    const id = /40\{"sid":"([\w-]+)"/.exec(await deaf.has(/40\{"sid":"[\w-]+".*\}/, PATIENCE))[1];
    deaf.pause();
    const closed = async () => (await ctl("disconnects", { nsp: "/" })).disconnects.some(([other]) => other === id);
    const end = now() + PATIENCE * patience;
    do {
      for (let count = 0; count < 10; count++) await ctl("emit", { nsp: "/", event: "bulk", args: ["z".repeat(100_000)], rooms: [id] });
      if (now() > end) throw new Error("nothing closes who does not read");
    } while (!(await closed()) && goesOn());
  },
  "a handshake that never joins": async ({ t, node, pause, below, remember }) => {
    remember(await openPolling(node));
    await openWebSocket(t, node);
    await pause(below(1500));
  },
  "a client that lies": async ({ t, node, below }) => {
    const socket = await joinWebSocket(t, node);
    socket.send(lies[below(lies.length)]);
    socket.send("x"); // whatever became of the lie
    await gone(socket, "lies");
  },
  "a frame of 2^63 bytes": async ({ t, node }) => {
    const socket = await openTcpWebSocket(t, node);
    socket.write(Buffer.concat([Buffer.from([0x81, 0xff]), Buffer.from("7fffffffffffffff", "hex"), Buffer.alloc(4)]));
    await gone(socket, "a huge claim");
  },
  "a body beyond the maximum": async ({ node }) => {
    const polling = await openPolling(node);
    const response = await polling.post("x".repeat(1_000_001));
    await response.text();
    if (response.status !== 413) throw new Error(`a body beyond the maximum gets ${response.status}`);
  },
  "two polls at once": async ({ node }) => {
    const polling = await joinPolling(node);
    const polls = [polling.request(), polling.request()].map((poll) => poll.then((response) => response.text()));
    await Promise.allSettled(polls);
  },
  "an upgrade that stops": async ({ t, node, below, pause, remember }) => {
    const polling = await joinPolling(node);
    remember(polling);
    const probe = await openWebSocket(t, node, polling.sid);
    probe.send("2probe");
    await pause(below(500));
  },
  "a frame that breaks off": async ({ t, node, below }) => {
    const socket = await openTcpWebSocket(t, node);
    socket.write(Buffer.concat([frame("40"), frame('42["join",["red","blue"]]')]));
    await socket.has(/40\{"sid"/, PATIENCE);
    const bytes = frame('42["shout","of nobody"]');
    socket.write(bytes.subarray(0, 1 + below(bytes.length - 1)));
    reset(socket);
  },
  "a crowd of connections": async ({ t, node, below, pause }) => {
    const sockets = await Promise.all(Array.from({ length: 60 }, () => dialFrom(t, node)));
    for (const socket of sockets) if (below(2)) socket.write(upgradeRequest());
    await pause(below(300));
    for (const socket of sockets) socket.resetAndDestroy();
  },
  "a session that is not its own": async ({ t, node, below }) => {
    const socket = await openWebSocket(t, node);
    const auth = [{ pid: "x".repeat(20), offset: "1-1" }, { pid: "*", offset: "$" }, { pid: 1, offset: [] }, { pid: "x", offset: "y".repeat(2000) }][below(4)];
    socket.send(`40${JSON.stringify(auth)}`);
    await socket.next();
    if (!/^40\{"sid"/.test(await socket.next())) throw new Error("a session that is not its own keeps it from joining");
    socket.close();
    await gone(socket, "a close");
  },
  "half a greeting": async ({ t, node, below, pause }) => {
    const socket = await dialFrom(t, node);
    socket.write(Buffer.concat([Buffer.from("160301020001", "hex"), randomBytes(below(600))]).subarray(0, 1 + below(600)));
    await pause(below(1500));
    socket.resetAndDestroy();
  },
  "namespaces without end": async ({ t, node }) => {
    const socket = await joinWebSocket(t, node);
    for (let count = 0; count < 150; count++) socket.send(`40/dynamic-${count},`);
    await gone(socket, "150 namespaces");
  },
  "rooms by the thousand": async ({ t, node }) => {
    const socket = await joinWebSocket(t, node);
    socket.send(`420${JSON.stringify(["join", Array.from({ length: 1000 }, (_, index) => `crowd ${index}`)])}`);
    while ((await socket.next()) !== "430[]");
    socket.close();
    await gone(socket, "a close");
  },
};

// fetch has written to a connection that it had kept, in the moment in which the node closed it for having been idle.
const isStale = ({ message, cause }) => message === "fetch failed" && ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"].includes(cause?.code);

// Each act in turn, then at random.
export class Hostile {
  constructor(index, soak) {
    this.soak = soak;
    this.below = random(soak.seed * 2000 + index);
    this.names = Object.keys(acts);
    this.next = index;
    this.left = []; // sessions by polling that were left alone
  }

  async live() {
    while (this.soak.running) {
      const round = this.next++;
      const name = this.names[round < 2 * this.names.length ? round % this.names.length : this.below(this.names.length)];
      const targets = this.soak.cluster.living.filter(({ node }) => node.kind === "ours");
      if (targets.length > 0) await this.#act(name, targets[this.below(targets.length)]);
      await this.soak.pause(this.below(300));
    }
    await Promise.all(this.left.splice(0).map((polling) => polling.post("1").then((response) => response.text()).catch(() => {})));
  }

  async #act(name, instance) {
    const undo = [];
    const from = now();
    this.soak.counts.acts[name] = (this.soak.counts.acts[name] ?? 0) + 1;
    try {
      await acts[name]({
        t: { after: (step) => undo.push(step) },
        node: instance.node,
        below: this.below,
        ctl: (...request) => instance.ctl(...request),
        pause: (ms) => this.soak.pause(ms),
        goesOn: () => this.soak.running,
        remember: (polling) => this.left.push(polling),
      });
    } catch (error) {
      if (!isStale(error) && !this.soak.cluster.harmed(instance.name, from - 1000)) this.soak.wrong(`${name} at ${instance.name}: ${error.message}`);
    } finally {
      for (const step of undo) await step();
    }
  }
}
