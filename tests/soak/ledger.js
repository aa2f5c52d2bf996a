// What was sent, what arrived, and why the rest did not: nothing twice, nothing out of order, nothing missing without an excuse.
//
// A session is one connection of one client. It is a member of rooms, from the acknowledgement of its join on, and sends
// streams: its messages to one room, numbered from 1. All of it is in one process, so "before" and "after" are facts.
// Where connection state is recovered it may go on by further connections, to other nodes: what it sends by each of them is
// another session's then, which only speaks.

import { patience } from "../interop/lib/later.js";

export const LATE = 20_000 * patience; // ms: who is gone longer than that after a message was sent should have had it
const TRANSIT = 5_000 * patience; // ms that a message may have been on its way when a link broke
const LAST_WORDS = 2_000 * patience; // ms before the death of a node in which what it had accepted may not have left it

const excuses = ["volatile", "receiver gone", "sender gone", "node died", "redis"];

// What is known of nodes: did that one report an outage between these times, and do its own clients get what it sends without Redis?
const wellKnown = { outages: () => false, alone: () => true };

export class Ledger {
  constructor(nodes) {
    this.nodes = { ...wellKnown, ...nodes };
    this.violations = [];
    this.counts = { sent: 0, received: 0, twice: 0, again: 0, ...Object.fromEntries(excuses.map((name) => [name, 0])) };
    this.slowest = 0;
    this.forget();
  }

  // What is judged is needed no more.
  forget() {
    this.streams = new Map();
    this.rooms = new Map();
    this.claims = [];
    this.sessions = new Set();
  }

  // `hears`: the session that gets what comes to this one, if that is another.
  open(name, node, at, hears) {
    const session = { name, node, at, memberships: new Map(), streams: new Map(), unconfirmed: [], sent: 0, notes: [], places: [{ node, at }], bare: new Set(), again: new Set(), early: new Set() };
    session.hears = hears ?? session;
    this.sessions.add(session);
    return session;
  }

  // Its connection is lost, and it may come back. Whether a join or leave that was not answered has been done nobody knows.
  suspend(session, at) {
    this.note(session, `lost ${session.node}`, at);
    session.places.push({ node: null, at });
    session.again = new Set(session.bare);
    for (const membership of session.memberships.values())
      if (membership.until !== undefined) Object.assign(membership, { from: Infinity, until: undefined });
  }

  // It is back as the one it was: nothing is missing that was sent meanwhile.
  resume(session, node, at) {
    this.note(session, `goes on with ${node}`, at);
    session.node = node;
    session.places.push({ node, at });
  }

  // What becomes of it, to be told when something is wrong with it.
  note(session, text, at) {
    session.notes.push(`${Math.round(at)} ${text}`);
    if (session.notes.length > 20) session.notes.shift();
  }

  // From here on what is sent to the room is owed to the session.
  joined(session, room, at) {
    this.note(session, `in ${room}`, at);
    const membership = session.memberships.get(room);
    if (membership) membership.from = at;
    else session.memberships.set(room, { room, from: at, cursors: new Map() });
  }

  // It may come from here on, but need not.
  joining(session, room) {
    session.memberships.set(room, { room, from: Infinity, cursors: new Map() });
  }

  // It has asked to leave: what had not reached it by then may come, or not.
  leaving(session, room, at) {
    session.memberships.get(room).until = at;
  }

  // It was a member until it left of its own will.
  left(session, room, at) {
    this.note(session, `left ${room}`, at);
    this.#settle(session, session.memberships.get(room), at, "end");
    session.memberships.delete(room);
  }

  // The next message to the room: its stream and number, to be put into it.
  send(session, room, at, { volatile = false, self = false } = {}) {
    let stream = session.streams.get(room);
    if (!stream) {
      stream = { id: `${session.name}>${room}`, session, room, entries: [] };
      session.streams.set(room, stream);
      this.streams.set(stream.id, stream);
      if (!this.rooms.has(room)) this.rooms.set(room, []);
      this.rooms.get(room).push(stream);
    }
    const entry = { at, volatile, self, place: ++session.sent, confirmed: Infinity };
    stream.entries.push(entry);
    session.unconfirmed.push(entry);
    this.counts.sent++;
    return [stream.id, stream.entries.length];
  }

  // Everything that the session has sent before its message number `place` is accepted.
  confirmed(session, place, at) {
    while (session.unconfirmed.length > 0 && session.unconfirmed[0].place <= place) session.unconfirmed.shift().confirmed = at;
  }

  // `bare`: it came without an offset, so that it may come again to who comes back before it gets one that is behind it in the stream.
  received(session, id, number, at, bare = false) {
    const stream = this.streams.get(id);
    const entry = stream?.entries[number - 1];
    const what = () => `${session.name} of ${session.node} got ${id} ${number}`;
    if (!entry) return this.#wrong(`${what()}, which nobody sent`);
    const membership = session.memberships.get(stream.room);
    if (session.ended) return this.#wrong(`${what()} after its end`);
    if (!membership) return this.#wrong(`${what()}, and is not in the room`);
    if (session === stream.session.hears && !entry.self) return this.#wrong(`${what()}, which was for others only`);
    const cursor = membership.cursors.get(id) ?? this.#first(stream, membership, number);
    if (number <= cursor && entry.at <= membership.from && session.places.length > 1 && !session.early.has(`${id} ${number}`)) return this.#early(session, id, number);
    if (entry.at <= membership.from) session.early.add(`${id} ${number}`);
    if (number <= cursor && session.again.delete(`${id} ${number}`)) return this.counts.again++;
    if (bare) session.bare.add(`${id} ${number}`);
    if (number <= cursor) {
      this.counts.twice++;
      return this.#wrong(`${what()} twice, or after what its sender has sent later, ${Math.round(at - entry.at)} ms after it was sent at ${Math.round(entry.at)}; it: ${session.notes.join(", ")}`);
    }
    this.#miss(session, membership, stream, [cursor + 1, number - 1], membership.until === undefined ? "gap" : "end", at);
    membership.cursors.set(id, number);
    this.#passed(session, stream, entry, at);
    this.counts.received++;
    this.slowest = Math.max(this.slowest, at - entry.at);
  }

  // To who comes back all comes that is behind its offset, be it from before it was in the room, and others have passed it since.
  #early(session, id, number) {
    session.early.add(`${id} ${number}`);
    this.counts.again++;
  }

  // What has come proves that what its sender has sent before, to other rooms, will not come any more.
  #passed(session, from, { place }, at) {
    for (const stream of from.session.streams.values()) {
      const membership = stream !== from && session.memberships.get(stream.room);
      if (!membership) continue;
      let last = stream.entries.length;
      while (last > 0 && stream.entries[last - 1].place > place) last--;
      if (last === 0) continue;
      const cursor = membership.cursors.get(stream.id) ?? this.#first(stream, membership, last + 1);
      if (last <= cursor) continue;
      this.#miss(session, membership, stream, [cursor + 1, last], membership.until === undefined ? "gap" : "end", at);
      membership.cursors.set(stream.id, last);
    }
  }

  // The number before the first one that is owed, but below `number`.
  #first(stream, membership, number) {
    let first = number;
    while (first > 1 && stream.entries[first - 2].at > membership.from) first--;
    return first - 1;
  }

  // The session is over, as its client saw.
  end(session, at) {
    if (session.ended) return;
    for (const membership of session.memberships.values()) this.#settle(session, membership, at, "end");
    session.ended = at;
  }

  died(node, at) {
    for (const session of this.sessions) if (session.node === node && !session.ended) session.died = at;
  }

  // Whether all that is owed to the living by the living has come. Without Redis in between it will.
  owing() {
    let count = 0;
    for (const session of this.sessions)
      if (!session.ended)
        for (const membership of session.memberships.values())
          for (const stream of this.rooms.get(membership.room) ?? [])
            if (!stream.session.ended) count += this.#owed(session, membership, stream) ? 1 : 0;
    return count;
  }

  // Is the last message of the stream still to come?
  #owed(session, membership, stream) {
    const last = stream.entries.length;
    const entry = stream.entries[last - 1];
    return entry.at > membership.from && (session !== stream.session.hears || entry.self) && !entry.volatile && (membership.cursors.get(stream.id) ?? 0) < last;
  }

  #settle(session, membership, at, why) {
    for (const stream of this.rooms.get(membership.room) ?? []) {
      const last = stream.entries.length;
      const cursor = membership.cursors.get(stream.id) ?? this.#first(stream, membership, last + 1);
      this.#miss(session, membership, stream, [cursor + 1, last], why, at);
      membership.cursors.set(stream.id, Math.max(cursor, last));
    }
  }

  // What came while it was joining does not make it owed what was sent then.
  #miss(session, { from }, stream, [first, last], why, at) {
    for (let number = first; number <= last; number++) {
      const entry = stream.entries[number - 1];
      if (entry.at <= from || (session === stream.session.hears && !entry.self)) continue;
      if (entry.volatile) this.counts.volatile++;
      else this.claims.push({ session, stream, number, entry, why, at });
    }
  }

  // When it is quiet: all that is owed to anybody has come by now, or needs an excuse.
  judge(at) {
    for (const session of this.sessions)
      if (!session.ended) for (const membership of session.memberships.values()) this.#settle(session, membership, at, "quiet");
    for (const claim of this.claims) {
      const excuse = this.#excuse(claim);
      if (excuse) this.counts[excuse]++;
      else this.#lost(claim);
    }
    this.claims = [];
  }

  #excuse({ session, stream: { session: sender }, entry, why, at }) {
    // What comes later from the same sender proves that the message was accepted, and that its receiver was there.
    if (why !== "gap") {
      if (entry.confirmed === Infinity && sender.ended && sender.ended - entry.at < LATE) return "sender gone";
      if (why === "end" && at - entry.at < LATE) return "receiver gone";
      if (sender.node !== session.node && sender.died && entry.confirmed > sender.died - LAST_WORDS) return "node died";
    }
    const until = Math.min(at, entry.at + TRANSIT);
    const places = this.#places(session, entry.at, until);
    if (places.every((node) => node === sender.node) && this.nodes.alone(sender.node)) return null;
    return [sender.node, ...places].some((node) => node && this.nodes.outages(node, entry.at, until)) ? "redis" : null;
  }

  // Where the session was between these times; null: nowhere.
  #places({ places }, from, to) {
    return places.filter(({ at }, index) => at <= to && (places[index + 1]?.at ?? Infinity) >= from).map(({ node }) => node);
  }

  #lost({ session, stream, number, entry, why, at }) {
    const since = Math.round(at - entry.at);
    this.#wrong(`${session.name} of ${session.node} never got ${stream.id} ${number} of ${stream.session.node}: ${why}, ${since} ms after it was sent at ${Math.round(entry.at)}; it: ${session.notes.join(", ")}`);
  }

  #wrong(text) {
    this.violations.push(text);
  }
}
