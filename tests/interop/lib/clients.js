// Official clients, with deadlines on everything that is awaited.
import { createRequire } from "node:module";
import { io } from "socket.io-client";
import { later, patience, within } from "./later.js";

export const transports = {
  websocket: ["websocket"],
  polling: ["polling"],
  upgrade: ["polling", "websocket"],
};

// Earlier major versions are CommonJS; 2 speaks Engine.IO 3.
const require = createRequire(import.meta.url);
export const versions = { 2: require("socket.io-client-v2"), 3: require("socket.io-client-v3"), 4: io };

// A client that is on its way; `nsp`, `over` (a key of transports) and `version` are ours, the rest goes to io().
export function open(t, node, { nsp = "/", over = "websocket", version = 4, ...options } = {}) {
  const socket = versions[version](node.url + nsp, { transports: transports[over], forceNew: true, reconnection: false, ...options });
  later(t, () => socket.disconnect());
  return socket;
}

// The arguments of the next event of that name.
export function next(socket, event, ms = 10_000) {
  return within(new Promise((resolve) => socket.once(event, (...args) => resolve(args))), `the event ${event}`, ms);
}

// A connected client; the `auth` that the node emits first has come, and stands in socket.welcome.
export async function connect(t, node, options) {
  const socket = open(t, node, options);
  const refused = new Promise((_, reject) => socket.once("connect_error", reject).once("error", reject));
  [socket.welcome] = await Promise.race([next(socket, "auth"), refused]);
  if (options?.over === "upgrade") await upgraded(socket);
  return socket;
}

export async function upgraded(socket) {
  const { engine } = socket.io;
  if (engine.transport.name !== "websocket" || engine.upgrading) await next(engine, "upgrade");
}

// A second namespace on the connection of `socket`.
export async function join(socket, nsp, options) {
  const other = socket.io.socket(nsp, options);
  await next(other, "auth");
  return other;
}

// Emits and resolves with all arguments of the acknowledgement.
export function ask(socket, event, ...args) {
  const answer = new Promise((resolve) => socket.emit(event, ...args, (...values) => resolve(values)));
  return within(answer, `the acknowledgement of ${event}`);
}

// One operation of the node that the socket is on.
export async function ctl(socket, op, fields = {}) {
  const [reply] = await ask(socket, "ctl", { op, ...fields });
  return reply;
}

// Collects the events of one name; until(count) waits for that many, marked(value) for the one whose first
// argument is `value`: what was sent before it, by the same way, has then arrived or never will.
export function collect(socket, event) {
  const events = [];
  const waiting = new Set();
  const settle = () => waiting.forEach((check) => check());
  socket.on(event, (...args) => (events.push(args), settle()));
  const condition = (holds, what) =>
    within(new Promise((resolve) => {
      const check = () => holds() && (waiting.delete(check), resolve(events));
      waiting.add(check);
      check();
    }), `${what} of ${event}`, 20_000);
  return {
    events,
    until: (count) => condition(() => events.length >= count, `${count} events`),
    marked: (value) => condition(() => events.some((args) => args[0] === value), `the mark ${value}`),
  };
}

// Repeats a step until it gives something true.
export async function eventually(what, step, ms = 15_000) {
  const end = Date.now() + ms * patience;
  for (;;) {
    const result = await step();
    if (result) return result;
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// The reason for which the node saw that socket go.
export const reasonOf = (control, id, nsp = "/") =>
  eventually(`${id} disconnects`, async () => (await ctl(control, "disconnects", { nsp })).disconnects.find(([gone]) => gone === id)?.[1]);
