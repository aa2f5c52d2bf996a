// Clients that keep to the protocol: they come and go, stall, upgrade, join and leave, and talk to each other.
import { io } from "socket.io-client";
import { transports } from "../interop/lib/clients.js";
import { patience } from "../interop/lib/later.js";
import { random } from "../interop/lib/mutate.js";
import { now } from "./cluster.js";

const PROVOKED = 40_000 * patience; // ms for which something done to a node explains that it lost clients
const ALL = "*"; // the room of all

// Reasons for which a client itself ends.
const own = new Set(["io client disconnect"]);

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
    while (this.soak.running) {
      const life = await this.#come();
      if (!life) {
        await this.soak.pause(50 + this.below(300));
        continue;
      }
      const stays = now() + 2000 + this.below(12_000);
      await this.#talk(life, () => this.soak.running && now() < stays);
      if (life.over) continue;
      if (!this.soak.running) return life;
      this.#go(life);
      await this.soak.pause(this.below(1000));
    }
    return null;
  }

  async #come() {
    const living = this.soak.cluster.living;
    if (living.length === 0) return null;
    const instance = this.pick(living);
    const over = this.pick(["websocket", "websocket", "upgrade", "polling"]);
    const socket = io(instance.node.url, { transports: transports[over], forceNew: true, reconnection: false, timeout: 8000 * patience });
    const connected = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once("connect_error", () => resolve(false));
      socket.io.once("close", () => resolve(false)); // before it has joined, which is no error to the client
    });
    if (!connected) {
      socket.disconnect();
      this.soak.counts.failed++;
      return null;
    }
    const { ledger } = this.soak;
    const life = { socket, instance, way: over, over: false, from: now(), left: false };
    life.session = ledger.open(`c${this.index}.${this.lives++}`, instance.name, life.from);
    this.soak.counts.connections++;
    this.#listen(life);
    ledger.joined(life.session, ALL, now());
    for (const room of [this.pick(this.soak.rooms), this.pick(this.soak.rooms)]) await this.#join(life, room);
    return life;
  }

  #listen(life) {
    const { socket, session } = life;
    const { ledger } = this.soak;
    const note = (text) => ledger.note(session, text, now());
    note(`connected by ${socket.io.engine.transport.name} (${life.way})`);
    socket.io.engine.on("upgrading", () => note("upgrading")).on("upgrade", () => note("upgraded")).on("upgradeError", ({ message }) => note(message));
    const get = (stream, number) => {
      for (const [id, count] of this.soak.spoil(stream, number)) ledger.received(session, id, count, now());
    };
    socket.on("said", get).on("shouted", get);
    socket.on("q", (ack) => ack(session.name));
    socket.on("disconnect", (reason) => {
      life.over = true;
      ledger.end(session, now());
      life.wake?.();
      this.soak.ended(reason, own.has(reason) || life.left || this.soak.cluster.harmed(life.instance.name, now() - PROVOKED), session);
    });
  }

  // Emits and waits for the acknowledgement; null when the connection ends before.
  #ask(life, ...args) {
    const { session, socket } = life;
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

  async #join(life, room) {
    if (life.over || life.session.memberships.has(room)) return;
    this.soak.ledger.joining(life.session, room);
    if (await this.#ask(life, "join", room)) this.soak.ledger.joined(life.session, room, now() + this.soak.joins);
  }

  async #leave(life, room) {
    this.soak.ledger.leaving(life.session, room, now());
    if (await this.#ask(life, "leave", room)) this.soak.ledger.left(life.session, room, now());
  }

  #rooms(life) {
    return [...life.session.memberships.keys()].filter((room) => room !== ALL);
  }

  // Says something in a way that the node does not answer.
  say(life, room, ...filler) {
    const [stream, number] = this.soak.ledger.send(life.session, room, now());
    if (room === ALL) life.socket.emit("shout", stream, number, ...filler);
    else life.socket.emit("say", room, stream, number, ...filler);
  }

  // The same by the node itself, which answers when it has done so.
  put(life, room, flags = {}, ...filler) {
    const [stream, number] = this.soak.ledger.send(life.session, room, now(), { volatile: flags.volatile, self: true });
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
    life.left = true;
    const tcp = life.socket.io.engine?.transport?.ws?._socket;
    const way = this.below(4);
    if (tcp && way === 0) tcp.resetAndDestroy();
    else if (tcp && way === 1) tcp.destroy();
    else life.socket.disconnect();
  }

  // The last word of each stream: what came before it has arrived, or never will.
  async mark(life) {
    const rooms = [...life.session.streams.keys()];
    for (const room of rooms.filter((name) => name !== ALL)) await this.put(life, room);
    if (rooms.includes(ALL)) this.say(life, ALL);
    await this.#ask(life, "echo", 0);
  }

  leave(life) {
    life.left = true;
    life.socket.disconnect();
  }
}
