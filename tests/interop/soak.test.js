// The soak is believed: what judges it finds each kind of fault, and a short one with a seed of its own is good. scripts/soak runs longer ones.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { grown, lineKind } from "../soak/health.js";
import { LATE, Ledger } from "../soak/ledger.js";
import { makeLegs, makePlan } from "../soak/plan.js";
import { within } from "./lib/later.js";
import { ours } from "./lib/node.js";

const main = fileURLToPath(new URL("../soak/main.js", import.meta.url));
const own = { skip: ours !== "ours" };

// Two sessions in one room, on two nodes unless said otherwise; `say` sends the next message at that time.
function pair({ nodes = ["a", "b"], ...known } = {}) {
  const ledger = new Ledger(known);
  const [sender, receiver] = nodes.map((node, index) => ledger.open(["sender", "receiver"][index], node, 0));
  ledger.joined(receiver, "room", 1);
  ledger.joined(receiver, "other", 1);
  const say = (at, room = "room", options = {}) => ledger.send(sender, room, at, options);
  const get = ([stream, number], at) => ledger.received(receiver, stream, number, at);
  const judged = () => (ledger.confirmed(sender, Infinity, 50), ledger.judge(100_000), ledger);
  return { ledger, sender, receiver, say, get, judged };
}

const wrong = ({ violations }, pattern) => {
  assert.equal(violations.length, 1, violations.join("\n"));
  assert.match(violations[0], pattern);
};

test("what arrives once and in order is good", () => {
  const { say, get, judged } = pair();
  for (let at = 2; at < 9; at++) get(say(at, at % 2 ? "room" : "other"), at + 1);
  const { violations, counts } = judged();
  assert.deepEqual([violations, counts.sent, counts.received], [[], 7, 7]);
});

for (const [what, pattern, run] of [
  ["in the middle", /never got sender>room 2/, ({ say, get }) => (get(say(2), 3), say(4), get(say(5), 6))],
  ["at the end", /never got sender>room 2/, ({ say, get }) => (get(say(2), 3), say(4))],
  ["all there is", /never got sender>room 1/, ({ say }) => say(2)],
  ["before one to another room", /never got sender>room 1.*gap/, ({ say, get, ledger, receiver }) => (say(2), get(say(3, "other"), 4), ledger.end(receiver, 5))],
  ["long before its receiver went", new RegExp(`end, ${LATE + 1} ms`), ({ say, ledger, receiver }) => (say(2), ledger.end(receiver, 3 + LATE))],
  ["before it asks to leave", /never got sender>room 1.*gap/, ({ say, get, ledger, receiver }) => {
    say(2);
    get(say(3), 4);
    ledger.leaving(receiver, "room", 5);
    ledger.left(receiver, "room", 6);
  }],
])
  test(`what is lost is found: ${what}`, () => {
    const all = pair();
    run(all);
    wrong(all.judged(), pattern);
  });

test("while it joins a session may get what is sent, or not", () => {
  const { ledger, receiver, say, get, judged } = pair();
  ledger.left(receiver, "room", 2);
  ledger.joining(receiver, "room");
  get(say(3), 4);
  say(5);
  ledger.joined(receiver, "room", 6);
  get(say(7), 8);
  assert.deepEqual(judged().violations, []);
});

test("what comes twice, late, to the wrong one or from nowhere is found", () => {
  for (const [pattern, run] of [
    [/twice/, ({ say, get }) => (get(say(2), 3), get(["sender>room", 1], 4))],
    [/nobody sent/, ({ say, get }) => (get(say(2), 3), get(["sender>room", 2], 4))],
    [/nobody sent/, ({ get }) => get(["stranger>room", 1], 4)],
    [/not in the room/, ({ say, get }) => get(say(2, "elsewhere"), 3)],
    [/for others only/, ({ ledger, sender, receiver, say, get }) => {
      const one = say(2);
      get(one, 3);
      ledger.joined(sender, "room", 3);
      ledger.received(sender, ...one, 4);
      assert(receiver);
    }],
  ]) {
    const all = pair();
    run(all);
    wrong(all.judged(), pattern);
  }
  const { ledger, receiver, say, get, judged } = pair();
  const late = say(2);
  ledger.end(receiver, 3);
  get(late, 4);
  wrong(judged(), /after its end/);
});

test("an order that is turned around is found, across rooms too", () => {
  for (const rooms of [["room", "room"], ["room", "other"]]) {
    const { say, get, judged } = pair();
    const [first, second] = [say(2, rooms[0]), say(3, rooms[1])];
    get(second, 4);
    get(first, 5);
    assert.match(judged().violations.join(), /twice, or after/);
  }
});

test("excuses: what they are for, and no more", () => {
  const excused = (name, options, run, count = 1) => {
    const all = pair(options);
    run(all);
    const { violations, counts } = all.judged();
    assert.deepEqual(violations, [], name);
    assert.equal(counts[name], count, name);
  };
  excused("volatile", {}, ({ say, get }) => (say(2, "room", { volatile: true }), get(say(3), 4)));
  excused("receiver gone", {}, ({ say, ledger, receiver }) => (say(2), ledger.end(receiver, 3)));
  excused("receiver gone", {}, ({ say, ledger, receiver }) => (say(2), ledger.leaving(receiver, "room", 2.5), ledger.left(receiver, "room", 3)));
  excused("sender gone", {}, ({ say, ledger, sender }) => (say(2), ledger.end(sender, 3), sender.unconfirmed.splice(0)));
  excused("node died", {}, ({ say, ledger, sender }) => (say(2), ledger.confirmed(sender, 1, 3), ledger.died("a", 4), ledger.end(sender, 5)));
  const outages = (node, from, to) => node === "b" && from <= 20 && to >= 10;
  excused("redis", { outages }, ({ say, get }) => (get(say(2), 3), say(12), get(say(21), 22)));
  // Not on the same node, and not after the outage.
  for (const [options, at] of [[{ outages, nodes: ["b", "b"] }, 12], [{ outages }, 21]]) {
    const all = pair(options);
    all.say(at);
    all.get(all.say(25), 26);
    wrong(all.judged(), /never got sender>room 1/);
  }
});

test("who is recovered has missed nothing, and gets nothing twice but for a reason", () => {
  const back = (run, options) => {
    const all = pair(options);
    run({ ...all, away: (at) => all.ledger.suspend(all.receiver, at), back: (at, node = "c") => all.ledger.resume(all.receiver, node, at) });
    return all.judged();
  };
  const good = back(({ say, get, away, back }) => {
    get(say(2), 3);
    away(4);
    const missed = [say(5), say(6, "other")];
    back(7);
    for (const one of [...missed, say(8)]) get(one, 9);
  });
  assert.deepEqual([good.violations, good.counts.received], [[], 4]);
  wrong(back(({ say, get, away, back }) => (get(say(2), 3), away(4), say(5), back(6), get(say(7), 8))), /never got sender>room 2.*gap.*goes on with c/);
  wrong(back(({ say, get, away, back }) => {
    const one = say(2);
    get(one, 3);
    away(4);
    back(5);
    get(one, 6);
  }), /twice/);
  // What came without an offset may come again; who moves while Redis is away may miss what another would get.
  const again = back(({ say, ledger, receiver, away, back }) => {
    const one = say(2);
    ledger.received(receiver, ...one, 3, true);
    away(4);
    back(5);
    ledger.received(receiver, ...one, 6);
  });
  assert.deepEqual([again.violations, again.counts.again], [[], 1]);
  for (const [down, violations] of [["a", 0], ["c", 1]]) {
    const ledger = back(({ say, get, away, back }) => (get(say(2), 3), away(4), say(5), back(6, "a"), get(say(7), 8)), { outages: (node) => node === down });
    assert.equal(ledger.violations.length, violations);
  }
  // What it sends by its next connection it does not get itself.
  const self = back(({ ledger, receiver, away, back, get }) => {
    away(4);
    back(5);
    const voice = ledger.open("voice", "c", 5, receiver);
    get(ledger.send(voice, "room", 6), 7);
  });
  wrong(self, /for others only/);
});

test("growth and bad lines are found", () => {
  const MIB = 1024 * 1024;
  const before = { fds: ["socket:", "pipe:"], heap: 3 * MIB, resident: 30 * MIB };
  assert.deepEqual([...grown(before, { fds: ["pipe:", "socket:"], heap: 3.5 * MIB, resident: 40 * MIB })], []);
  assert.match([...grown(before, { ...before, fds: [...before.fds, "socket:"] })].join(), /has 3 descriptors, and had 2; new are socket:/);
  assert.deepEqual([...grown(before, { ...before, fds: [...before.fds, "anon_inode:[io_uring]"] })], []);
  assert.match([...grown(before, { ...before, heap: 4.1 * MIB })].join(), /has 4.1 MiB allocated, and had 3.0/);
  assert.match([...grown(before, { ...before, resident: 80 * MIB })].join(), /has 80.0 MiB resident/);
  for (const [line, kind] of [
    ["==1==ERROR: AddressSanitizer: heap-use-after-free", "sanitizer"], ["x.c:1:2: runtime error: signed integer overflow", "sanitizer"],
    ["[n1.0] error net: cannot listen", "error"], ["[n1.0] warn engine: client abcdef dropped", "warning"],
    ["[n1.0] redis: ready: 127.0.0.1", "ready"], ["[n1.0] redis: disconnected: gone", "cut"], ["[n1.0] /: abc disconnected: parse error", null],
  ])
    assert.equal(lineKind(line), kind, line);
});

test("a seed is a plan", () => {
  const plan = (seed) => makePlan({ seed, minutes: 30, nodes: 4 });
  assert.deepEqual(plan(5), plan(5));
  assert.notDeepEqual(plan(5), plan(6));
  const steps = plan(5).flatMap((epoch) => epoch.steps);
  assert.equal(new Set(steps.map(({ what }) => what)).size, 6);
  assert(steps.every(({ what, node }) => node !== 0 || what === "freeze node"), "the first one is followed from beginning to end");
});

test("the time is shared by clusters of all kinds, and by those that are asked for", () => {
  const legs = (minutes, options) => makeLegs({ seed: 5, minutes, nodes: 3, ...options });
  const all = legs(30);
  assert.deepEqual(all, legs(30));
  assert.deepEqual([...new Set(all.map(({ adapter, tls }) => `${adapter} ${tls}`))].sort(), ["classic false", "classic true", "sharded false", "sharded true", "streams false", "streams true"]);
  assert.equal(all.reduce((sum, { minutes }) => sum + minutes, 0), 30);
  const done = ({ epochs }) => new Set(epochs.flatMap(({ steps }) => steps.map(({ what }) => what)));
  for (const leg of all) assert.deepEqual([done(leg).has("hand over"), done(leg).has("renew certificates")], [leg.handover, leg.tls]);
  for (const { official, epochs } of all.filter(({ handover }) => handover))
    for (const { what, node } of epochs.flatMap(({ steps }) => steps)) assert(what !== "hand over" || (node > 0 && node < 3), `${official}`);
  for (const adapter of ["classic", "pattern", "rooms", "sharded", "streams"])
    for (const tls of [true, false]) assert.deepEqual(legs(1, { adapter, tls }).map((leg) => [leg.adapter, leg.tls]), [[adapter, tls]]);
});

test("what is asked for wrongly is refused before anything is set up", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "sio-soak-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const root = fileURLToPath(new URL("../..", import.meta.url));
  mkdirSync(path.join(folder, "scripts"));
  symlinkSync(path.join(root, "tests"), path.join(folder, "tests"));
  copyFileSync(path.join(root, "scripts/soak"), path.join(folder, "scripts/soak"));
  writeFileSync(path.join(folder, "scripts/setup"), '#!/bin/sh\ntouch "$(dirname "$0")/../done"\nexit 9\n', { mode: 0o755 });
  const ask = (...args) => {
    const { SIO_BUILD, ...env } = process.env;
    const { status, stderr } = spawnSync(path.join(folder, "scripts/soak"), args, { env, encoding: "utf8" });
    return [status, stderr, existsSync(path.join(folder, "done"))];
  };
  for (const [args, text] of [
    [["--bad-option"], "no option --bad-option"], [["1", "-x"], "no option -x"], [["1", "--bad=3"], "Unknown option '--bad'"], [[], "it takes a number of minutes"],
    [["1", "--seed", "x"], "--seed takes a whole number"], [["1", "--adapter", "memory"], "--adapter takes"], [["1", "--tls", "--plain"], "--tls and --plain"],
  ]) {
    const [status, stderr, setUp] = ask(...args);
    assert.deepEqual([status, setUp], [2, false], `${args}: ${stderr}`);
    assert(stderr.startsWith(`soak: ${text}`), stderr);
  }
  assert.deepEqual(ask("1").filter((one) => typeof one !== "string"), [9, true]);
});

async function soak(...args) {
  const env = { ...process.env, SIO_PATIENCE: process.env.SIO_PATIENCE ?? "2" }; // other tests run beside it
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  const [code] = await within(once(child, "close"), "the end of the soak", 250_000);
  return { code, out };
}

test("a short soak is good", own, async (t) => {
  const { code, out } = await soak("0.3", "--seed", "1", "--adapter", "classic", "--plain", "--official");
  t.diagnostic(out);
  assert.equal(code, 0, out);
  assert.match(out, /soak: good/);
  assert.match(out, /faults: (\w+ \w+ \d+(, )?){2}/);
});

test("a client that loses messages is found out", own, async () => {
  const { code, out } = await soak("0.1", "--seed", "1", "--adapter", "streams", "--tls", "--clients", "16", "--hostile", "0", "--fault", "drop");
  assert.equal(code, 1, out);
  assert.match(out, /WRONG: \S+ of \S+ never got/);
  assert.match(out, /soak: FAILED/);
});
