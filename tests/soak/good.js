// Clients that keep to the protocol: they come and go, stall, upgrade, join and leave, and talk to each other.
import { io } from "socket.io-client";
import { transports } from "../interop/lib/clients.js";
import { patience, within } from "../interop/lib/later.js";
import { random } from "../interop/lib/mutate.js";
import { reset } from "../interop/lib/tls.js";
import { now } from "./cluster.js";

const PROVOKED = 40_000 * patience; // ms for which something done to a node explains that it lost clients
const NOTICED = 3_000 * patience; // ms in which a node that is well has seen that a client is gone, and kept its session
const ALL = "*"; // the room of all

// Reasons for which a client itself ends, and those after which its session may be recovered.
const own = new Set(["io client disconnect"]);
const accidents = new Set(["transport close", "transport error", "ping timeout", "forced close"]);
const gently = new Set(["stop node", "hand over"]); // what is done to a node that keeps the sessions of its clients all the same

export class Good {
  constructor(index, soak) {
    this.index = index;
    this.soak = soak;
    this.below = random(soak.seed * 1000 + index);
    for (let skip = 0; skip < 8; skip++) this.below(2);
    this.lives = 0;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  // Until the end of the epoch: one connection after the other. Resolves with the last one, open, or null.
  async live() {
    let away = null; // the life that lost its connection and may be gone on with
    while (this.soak.running) {
      const life = await this.#come(away);
      if (!life) {
        await this.soak.pause(50 + this.below(300));
        continue;
      }
      const stays = now() + 2000 + this.below(12_000);
      await this.#talk(life, () => this.soak.running && now() < stays);
      if (!life.over && !this.soak.running) return life;
      if (!life.over) await (this.soak.recovers && this.below(3) ? this.#lose(life) : this.#go(life));
      away = life.away ? life : null;
      await this.soak.pause(this.below(this.soak.recovers && this.below(4) === 0 ? 2 * NOTICED : 1000));
    }
    if (away) this.soak.ledger.end(away.session, away.away);
    return null;
  }

  // A new connection, or the next one of who is away. Sessions from or to official nodes are tried in interop/streams-recovery.
  async #come(before) {
    const living = this.soak.cluster.living.filter(({ node }) => !before || node.kind === "ours");
    if (living.length === 0) return null;
    const instance = this.pick(living);
    const way = this.pick(["websocket", "websocket", "upgrade", "polling"]);
    const options = { transports: transports[way], forceNew: true, reconnection: false, timeout: 8000 * patience };
    const socket = before?.socket ?? io(instance.node.url, { ...options, autoConnect: false });
    const life = { socket, instance, way, over: false, from: now(), left: false, before };
    const error = await this.#connected(life);
    if (error) {
      socket.disconnect();
      this.soak.counts.failed++;
      if (before) before.tried = true;
      const why = [error.message, error.description?.message, error.description?.error?.code, error.context?.responseText].join(" ");
      if (/ECONNREFUSED/.test(why) && !this.soak.cluster.harmed(instance.name, life.from - PROVOKED, new Set(["hand over"])))
        this.soak.wrong(`${instance.name}, to which nothing had been done but that another followed, refused a client: ${why}`);
      return null;
    }
    if (life.session.memberships.size === 1)
      for (const room of [this.pick(this.soak.rooms), this.pick(this.soak.rooms)]) await this.#join(life, room);
    return life;
  }

  // Why it is not, or null. What was missed comes before the event that says so.
  #connected(life) {
    const { socket, before, instance } = life;
    socket.off();
    this.#listen(life);
    if (before) socket.io.uri = instance.node.url;
    let closed; // before it has joined, which is no error to the client
    const answer = new Promise((resolve) => {
      socket.once("connect", () => (life.session ?? this.#begin(life), resolve(null))).once("connect_error", resolve);
      socket.io.once("close", (closed = (reason) => resolve({ reason })));
    });
    socket.connect();
    return answer.finally(() => socket.io.off("close", closed));
  }

  #begin(life) {
    const { soak } = this;
    const { socket, before } = life;
    const at = now();
    life.instance = soak.cluster.serving(life.instance, socket.io.engine.id);
    const { name } = life.instance;
    if (before && socket.recovered) {
      life.session = before.session;
      soak.ledger.resume(life.session, name, at);
      soak.counts.recovered++;
    } else {
      if (before) this.#lost(before, name, at);
      life.session = soak.ledger.open(`c${this.index}.${this.lives++}`, name, at);
      soak.ledger.joined(life.session, ALL, at);
    }
    life.voice = soak.recovers ? soak.ledger.open(`${life.session.name}+${life.session.places.length}`, name, at, life.session) : life.session;
    soak.counts.connections++;
    const { engine } = socket.io;
    const note = (text) => soak.ledger.note(life.session, text, now());
    note(`connected by ${engine.transport.name} (${life.way})`);
    engine.on("upgrading", () => note("upgrading")).on("upgrade", () => note("upgraded")).on("upgradeError", ({ message }) => note(message));
  }

  // Who was away begins anew, which is for a reason.
  #lost(before, name, at) {
    const { soak } = this;
    soak.ledger.end(before.session, before.away);
    soak.counts.anew++;
    if (before.tried || !before.offset || at - before.away < NOTICED || soak.cluster.troubled(before.away - NOTICED)) return;
    if (soak.cluster.harmed(before.instance.name, before.away - NOTICED, gently) || soak.cluster.harmed(name, before.away)) return;
    soak.wrong(`${before.session.name} of ${before.instance.name} came to ${name} after ${Math.round(at - before.away)} ms, and was not recovered; it: ${before.session.notes.join(", ")}`);
  }

  #listen(life) {
    const { socket } = life;
    const { ledger, recovers, cluster } = this.soak;
    const get = (stream, number, ...rest) => {
      if (!life.session) this.#begin(life);
      const bare = recovers && typeof rest.at(-1) !== "string";
      for (const [id, count] of this.soak.spoil(stream, number)) ledger.received(life.session, id, count, now(), bare);
      life.offset ||= !bare;
    };
    socket.on("said", get).on("shouted", get);
    socket.on("q", (...args) => args.find((arg) => typeof arg === "function")(life.session.name));
    life.gone = new Promise((resolve) => {
      socket.on("disconnect", (reason) => {
        life.over = true;
        resolve();
        if (!life.session) return; // nothing had begun
        ledger.end(life.voice, now());
        if (recovers && !life.final && accidents.has(reason) && life.instance.node.kind === "ours") ledger.suspend(life.session, (life.away = now()));
        else ledger.end(life.session, now());
        life.wake?.();
        this.soak.ended(reason, own.has(reason) || life.left || cluster.harmed(life.instance.name, now() - PROVOKED), life.session);
      });
    });
  }

  // Emits and waits for the acknowledgement; null when the connection ends before.
  #ask(life, ...args) {
    const { voice: session, socket } = life;
    const place = session.sent;
    return new Promise((resolve) => {
      const gone = () => resolve(null);
      socket.once("disconnect", gone);
      socket.emit(...args, (...values) => {
        socket.off("disconnect", gone);
        this.soak.counts.acks++;
        this.soak.ledger.confirmed(session, place, now());
        resolve(values);
      });
      if (life.over) gone();
    });
  }

  // An official node with the sharded adapter loses the channel of a room that was left by the last and joined again at once.
  async #join(life, room) {
    if (life.over || life.session.memberships.has(room)) return;
    this.soak.ledger.joining(life.session, room);
    const owed = this.soak.adapter !== "sharded" || life.instance.node.kind === "ours";
    if ((await this.#ask(life, "join", room)) && owed) this.soak.ledger.joined(life.session, room, now() + this.soak.joins);
  }

  async #leave(life, room) {
    this.soak.ledger.leaving(life.session, room, now());
    if (await this.#ask(life, "leave", room)) this.soak.ledger.left(life.session, room, now());
  }

  #rooms(life) {
    return [...life.session.memberships.keys()].filter((room) => room !== ALL);
  }

  // Says something in a way that the node does not answer.
  // The last argument is no text: clients take that for an offset.
  say(life, room, ...filler) {
    const [stream, number] = this.soak.ledger.send(life.voice, room, now());
    if (room === ALL) life.socket.emit("shout", stream, number, ...filler, 0);
    else life.socket.emit("say", room, stream, number, ...filler, 0);
  }

  // The same by the node itself, which answers when it has done so.
  put(life, room, flags = {}, ...filler) {
    const [stream, number] = this.soak.ledger.send(life.voice, room, now(), { volatile: flags.volatile, self: true });
    return this.#ask(life, "ctl", { op: "emit", event: "said", args: [stream, number, ...filler], rooms: [room], flags });
  }

  async #talk(life, goesOn) {
    const { soak, below } = { soak: this.soak, below: this.below };
    while (goesOn() && !life.over) {
      const room = this.pick(this.soak.rooms);
      const dice = below(100);
      if (dice < 45) this.say(life, room, "x".repeat(below(200)));
      else if (dice < 55) this.say(life, room, { bytes: Buffer.alloc(below(300), dice) });
      else if (dice < 70) this.put(life, room, {}, dice);
      else if (dice < 78) this.put(life, room, { volatile: true });
      else if (dice < 83) this.say(life, ALL);
      else if (dice < 85) this.say(life, room, "y".repeat(40_000));
      else if (dice < 92) await this.#echo(life);
      else if (dice < 94) this.#ask(life, "ctl", { op: "emitWithAck", event: "q", rooms: [room], timeout: 800 });
      else if (dice < 95) this.#ask(life, "ctl", { op: "fetchSockets", rooms: [room] });
      else if (dice < 97) await this.#stall(life);
      else await this.#move(life);
      await soak.pause(below(2 * soak.every), (wake) => (life.wake = wake));
    }
  }

  async #echo(life) {
    const value = this.below(1e9);
    const answer = await this.#ask(life, "echo", value);
    if (answer && answer[0] !== value) this.soak.wrong(`${life.session.name} asked for ${value} and got ${answer}`);
  }

  async #move(life) {
    const rooms = this.#rooms(life);
    if (rooms.length > 1) await this.#leave(life, rooms[0]);
    else await this.#join(life, this.pick(this.soak.rooms));
  }

  // Reads nothing for a while, and then all of it.
  async #stall(life) {
    const tcp = life.socket.io.engine?.transport?.ws?._socket;
    if (!tcp) return;
    this.soak.counts.stalls++;
    this.soak.ledger.note(life.session, "stalls", now());
    tcp.pause();
    await this.soak.pause(200 + this.below(1500));
    tcp.resume();
  }

  // With a word, or without one.
  #go(life) {
    life.left = life.final = true;
    const tcp = life.socket.io.engine?.transport?.ws?._socket;
    const way = this.below(4);
    if (tcp && way === 0) reset(tcp);
    else if (tcp && way === 1) tcp.destroy();
    else life.socket.disconnect();
  }

  // Its connection breaks, one way or the other.
  #lose(life) {
    life.left = true;
    const { engine } = life.socket.io;
    const tcp = engine.transport.ws?._socket;
    const way = this.below(3);
    if (tcp && way === 0) reset(tcp);
    else if (tcp && way === 1) tcp.destroy();
    else engine.close();
    return within(life.gone, "a client that knows that its connection is gone", 60_000);
  }

  // The last word of each stream: what came before it has arrived, or never will.
  async mark(life) {
    const rooms = [...life.voice.streams.keys()];
    for (const room of rooms.filter((name) => name !== ALL)) await this.put(life, room);
    if (rooms.includes(ALL)) this.say(life, ALL);
    await this.#ask(life, "echo", 0);
  }

  leave(life) {
    life.left = life.final = true;
    life.socket.disconnect();
  }
}
