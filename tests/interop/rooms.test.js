// Rooms against a model: who must get what, for each way to address them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, collect, connect, ctl, reasonOf, transports } from "./lib/clients.js";
import { kinds, startNode } from "./lib/node.js";

const subsets = (items) =>
  items.reduce((sets, item) => sets.flatMap((set) => [set, [...set, item]]), [[]]);

const members = [[], ["a"], ["b"], ["a", "b"], ["b", "c"], ["a", "b", "c"]];
const overs = Object.keys(transports);

// Sockets of all transports with the rooms of `members`, and what each of them gets.
function crowd(t, node, event) {
  return Promise.all(members.map(async (rooms, index) => {
    const socket = await connect(t, node, { over: overs[index % overs.length] });
    await ask(socket, "join", rooms);
    return { socket, id: socket.id, rooms, got: collect(socket, event) };
  }));
}

const selected = (member, rooms, except) => {
  const own = [...member.rooms, member.id];
  return (rooms.length === 0 || rooms.some((room) => own.includes(room))) && !except.some((room) => own.includes(room));
};

for (const kind of kinds) {
  test(`${kind}: a socket's rooms`, async (t) => {
    const node = await startNode(t, kind);
    const socket = await connect(t, node);
    const rooms = async () => (await ask(socket, "rooms"))[0];
    const sorted = (...names) => [socket.id, ...names].sort();

    await t.test("at first its own", async () => assert.deepEqual(await rooms(), sorted()));
    await t.test("join one and several", async () => {
      assert.deepEqual(await ask(socket, "join", "a"), []);
      assert.deepEqual(await ask(socket, "join", ["b", "c"]), []);
      assert.deepEqual(await rooms(), sorted("a", "b", "c"));
    });
    await t.test("join twice changes nothing", async () => {
      await ask(socket, "join", ["a", "a"]);
      assert.deepEqual(await rooms(), sorted("a", "b", "c"));
    });
    await t.test("leave", async () => {
      await ask(socket, "leave", "b");
      assert.deepEqual(await rooms(), sorted("a", "c"));
      await ask(socket, "leave", "never joined");
      assert.deepEqual(await rooms(), sorted("a", "c"));
    });
    await t.test("names of all kinds", async () => {
      const names = ["", " ", "#", "a#b", "/", "*", "[ab]", "日本", "😀", "__proto__", "x".repeat(1000)];
      await ask(socket, "join", names);
      assert.deepEqual(await rooms(), sorted("a", "c", ...names));
      const got = collect(socket, "named");
      for (const room of names) await ctl(socket, "emit", { event: "named", args: [room], rooms: [room] });
      assert.deepEqual((await got.until(names.length)).flat(), names);
    });
    await t.test("a namespace has rooms of its own", async (t) => {
      const custom = await connect(t, node, { nsp: "/custom" });
      assert.deepEqual(await ask(custom, "rooms"), [[custom.id]]);
    });
    await t.test("many rooms", async () => {
      const names = Array.from({ length: 1000 }, (_, index) => `room ${index}`);
      await ask(socket, "join", names);
      for (const name of names.filter((_, index) => index % 2)) socket.emit("leave", name);
      const left = await rooms();
      assert.deepEqual(left.filter((name) => name.startsWith("room ")), names.filter((_, index) => index % 2 === 0).sort());
    });
  });

  test(`${kind}: emit to every combination of rooms and exceptions`, async (t) => {
    const node = await startNode(t, kind);
    const all = await crowd(t, node, "said");
    const own = all[4].id;
    const targets = subsets(["a", "b", "c", own, "nobody"]);
    const exceptions = [...subsets(["a", "b", "c"]), [own], ["nobody"]];
    const model = all.map(() => []);
    let number = 0;
    const sent = [];
    for (const rooms of targets)
      for (const except of exceptions) {
        sent.push(ctl(all[0].socket, "emit", { event: "said", args: [number], rooms, except }));
        all.forEach((member, index) => selected(member, rooms, except) && model[index].push(number));
        number++;
      }
    await Promise.all(sent);
    await ctl(all[0].socket, "emit", { event: "said", args: ["end"] });
    for (const [index, member] of all.entries())
      assert.deepEqual((await member.got.marked("end")).flat(), [...model[index], "end"], `rooms ${member.rooms}`);
  });

  test(`${kind}: a socket's own broadcasts leave it out`, async (t) => {
    const node = await startNode(t, kind);
    const said = await crowd(t, node, "said");
    const shouts = said.map(({ socket }) => collect(socket, "shouted"));
    const model = said.map(() => []);
    for (const [from, { socket, id }] of said.entries())
      for (const rooms of ["a", "b", "c", "nobody", id, said[0].id, ["a", "b"]]) {
        const text = `${from} to ${rooms}`;
        socket.emit("say", rooms, text, { from });
        said.forEach((member, index) => index !== from && selected(member, [rooms].flat(), []) && model[index].push([text, { from }]));
        await ask(socket, "echo", 0);
      }
    for (const [from, { socket }] of said.entries()) {
      socket.emit("shout", from, "to all");
      await ask(socket, "echo", 0);
    }
    await ctl(said[0].socket, "emit", { event: "said", args: ["end"] });
    await ctl(said[0].socket, "emit", { event: "shouted", args: ["end"] });
    for (const [index, member] of said.entries()) {
      assert.deepEqual(await member.got.marked("end"), [...model[index], ["end"]]);
      const others = said.map((_, from) => from).filter((from) => from !== index);
      assert.deepEqual(await shouts[index].marked("end"), [...others.map((from) => [from, "to all"]), ["end"]]);
    }
  });

  test(`${kind}: who has gone is in no room`, async (t) => {
    const node = await startNode(t, kind);
    const control = await connect(t, node);
    const all = await crowd(t, node, "said");
    for (const { socket, id } of all.filter((_, index) => index % 2)) {
      socket.disconnect();
      await reasonOf(control, id);
    }
    await ctl(control, "emit", { event: "said", args: ["a"], rooms: ["a", "b", "c"] });
    await ctl(control, "emit", { event: "said", args: ["end"] });
    for (const { rooms, got } of all.filter((_, index) => index % 2 === 0))
      assert.deepEqual((await got.marked("end")).flat(), rooms.length > 0 ? ["a", "end"] : ["end"]);
    assert.equal((await ctl(control, "stats")).sockets, 4);
  });

  test(`${kind}: leaving and joining between broadcasts`, async (t) => {
    const node = await startNode(t, kind);
    const [sender, receiver] = await Promise.all([connect(t, node), connect(t, node)]);
    const got = collect(receiver, "said");
    const model = [];
    for (let number = 0; number < 100; number++) {
      const inside = number % 3 !== 0;
      await ask(receiver, inside ? "join" : "leave", "r");
      sender.emit("say", "r", number);
      await ask(sender, "echo", 0);
      if (inside) model.push(number);
    }
    sender.emit("say", receiver.id, "end");
    assert.deepEqual((await got.marked("end")).flat(), [...model, "end"]);
  });
}
