// Clusters that things happen to: what is local goes on meanwhile, what is asked is answered truly, and afterwards all is as before.
import assert from "node:assert/strict";
import { ask, collect, connect, ctl, eventually } from "./clients.js";
import { within } from "./later.js";
import { startNode } from "./node.js";

// What a node has time for on a machine that is busy with all of them; who is silent costs as much.
export const REQUEST_MS = 2500;

// The adapters, by the flags that choose them.
export const adapters = { classic: [], "classic by rooms": ["--subscribe", "rooms"], sharded: ["--adapter", "sharded"], streams: ["--adapter", "streams"] };

// The official node knows only what it has in common with ours.
const flagsOf = (kind, flags) => (kind === "ours" || flags.includes("--adapter") ? flags : []);

const forget = (lists) => lists.forEach(({ events }) => events.splice(0));

// One node with two clients: the first drives it, the second sees what is delivered on the spot.
export async function startMember(t, kind, redis, index, flags) {
  const node = await startNode(t, kind, "--redis", redis.url, "--name", `n${index}`, "--request-timeout", String(REQUEST_MS), ...flagsOf(kind, flags));
  const [socket, mate] = await Promise.all([connect(t, node), connect(t, node)]);
  for (const client of [socket, mate]) {
    await ask(client, "join", ["all", `n${index}`]);
    client.on("q", (ack) => ack(index));
  }
  const names = [socket.id, mate.id];
  return { index, node, socket, mate, names, news: collect(socket, "news"), mateNews: collect(mate, "news") };
}

export async function startMembers(t, layout, redis, flags) {
  const members = await Promise.all(layout.map((kind, index) => startMember(t, kind, redis, index, flags)));
  await together(members, "start");
  return members;
}

// What each node sends reaches all clients, by the common channel and by that of a room; what ours ask is answered by all.
export async function together(members, when) {
  for (const { index: from, socket } of members)
    for (const to of [null, ...members.map(({ index }) => index)]) {
      const mark = `${when}: ${from} to ${to}`;
      const receivers = members.filter(({ index }) => to === null || to === index).flatMap(({ news, mateNews }) => [news, mateNews]);
      await eventually(mark, async () => {
        await ctl(socket, "emit", { event: "news", args: [mark], rooms: to === null ? [] : [`n${to}`] });
        return receivers.every(({ events }) => events.some(([seen]) => seen === mark));
      }, 40_000);
    }
  forget(members.flatMap(({ news, mateNews }) => [news, mateNews]));
  for (const { socket } of members.filter(({ node }) => node.kind === "ours"))
    for (const op of Object.keys(questions))
      await eventually(`${when}: ${op} is answered by all`, async () => whole(await put(socket, op), op, members), 40_000);
}

// What a node sends reaches its own clients, whatever is going on elsewhere.
export async function aloneAt(member, mark) {
  await ctl(member.socket, "emit", { event: "news", args: [mark] });
  await ctl(member.socket, "emit", { event: "news", args: [`${mark}, room`], rooms: [`n${member.index}`] });
  for (const { marked } of [member.news, member.mateNews]) await marked(`${mark}, room`);
}

// ---- questions ----

const questions = {
  fetchSockets: {},
  allRooms: {},
  emitWithAck: { event: "q", timeout: REQUEST_MS },
  serverSideEmit: { event: "asked", ack: true },
};

export const put = (socket, op) => ctl(socket, op, questions[op]);

// The words of an answer, and those that it must consist of if these nodes have answered.
const words = {
  fetchSockets: ({ sockets }) => sockets.map(({ id }) => id),
  allRooms: ({ rooms }) => rooms,
  emitWithAck: ({ responses }) => responses,
  serverSideEmit: ({ responses }) => responses,
};
const expected = {
  fetchSockets: (members) => members.flatMap(({ names }) => names),
  allRooms: (members) => ["all", ...members.flatMap(({ index, names }) => [`n${index}`, ...names])],
  emitWithAck: (members) => members.flatMap(({ index }) => [index, index]),
  serverSideEmit: (members) => members.map(({ index }) => `n${index}`),
};
const others = (asker, members, op) => (op === "serverSideEmit" ? members.filter(({ socket }) => socket !== asker) : members);
const same = (left, right) => JSON.stringify([...left].sort()) === JSON.stringify([...right].sort());

function whole(reply, op, members) {
  const all = expected[op](members);
  return reply.ok && (op === "serverSideEmit" ? reply.responses.length === members.length - 1 : same(words[op](reply), all));
}

// Whether an answer is true of a cluster in which `doubtful` may answer in part or not at all: nothing comes twice, nobody else is
// in it, and all others are. One that says that it is whole has everything of everybody.
export function assertTrue({ op, asker, reply }, members, doubtful) {
  const said = words[op](reply);
  const sure = expected[op](others(asker, members.filter(({ index }) => !doubtful.includes(index)), op));
  const most = expected[op](others(asker, members, op));
  const what = `${op}: ${JSON.stringify({ ...reply, ...(reply.sockets && { sockets: said }) })}`;
  for (const word of new Set(said)) {
    const times = (list) => list.filter((other) => other === word).length;
    assert(times(said) <= times(most), `nothing comes twice or from nowhere: ${what}`);
  }
  for (const word of sure) assert(said.includes(word), `what the others say is given: ${what}`);
  if (!reply.ok && "missing" in reply) assert(reply.missing <= doubtful.length, what); // none when even the count is not known
}

// All but the one that asks.
export const notOf = (asker, members) => members.filter(({ socket }) => socket !== asker).map(({ index }) => index);

// Puts questions of all kinds, each again as soon as it is answered, until the end; resolves with what was said.
export function inquire(members) {
  let running = true;
  const said = [];
  const lane = async (asker, op) => {
    while (running) said.push({ op, asker, reply: await put(asker, op) });
  };
  const lanes = members.flatMap(({ socket }) => Object.keys(questions).map((op) => lane(socket, op)));
  const end = async () => ((running = false), await Promise.all(lanes), said);
  return { said, end };
}

// Resolves when `count` more questions have been answered.
export const answered = ({ said }, count, from = said.length) =>
  eventually(`${count} more answers`, () => said.length >= from + count, 30_000);

// ---- what nodes tell ----

// The node has written a line that matches, after the first `since` characters.
export function told(node, pattern, since = 0, ms = 40_000) {
  const { stderr } = node.child;
  return within(new Promise((resolve) => {
    const check = () => {
      if (!pattern.test(node.log.slice(since))) return;
      stderr.off("data", check);
      resolve();
    };
    stderr.on("data", check);
    check();
  }), `${pattern} of ${node.kind}: ${node.log.slice(since)}`, ms);
}

export const stats = ({ socket }) => ctl(socket, "stats");

// Stands still for as long as the step takes.
export async function frozen(child, step) {
  child.kill("SIGSTOP");
  try {
    return await step();
  } finally {
    child.kill("SIGCONT");
  }
}
