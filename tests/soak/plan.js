// What happens when: the same for the same seed.
import { random } from "../interop/lib/mutate.js";

// A fault: how often it is chosen, how long it lasts, and how long an epoch has to be for it.
const faults = [
  { what: "kill node", weight: 4, least: 300, most: 2500 },
  { what: "stop node", weight: 2, least: 300, most: 2500 },
  { what: "freeze node", weight: 4, least: 300, most: 3000 },
  { what: "freeze node", weight: 1, least: 12_000, most: 20_000, epoch: 50_000 },
  { what: "kill redis", weight: 2, least: 100, most: 3000 },
  { what: "freeze redis", weight: 3, least: 300, most: 3000 },
  { what: "freeze redis", weight: 1, least: 16_000, most: 20_000, epoch: 50_000 },
  { what: "cut links", weight: 2, least: 0, most: 0 },
  { what: "hand over", weight: 3, least: 0, most: 0, needs: "handover" },
  { what: "renew certificates", weight: 3, least: 0, most: 0, needs: "tls" },
];
const ofAny = new Set(["freeze node"]); // the others are not done to the first node: its memory is followed from the beginning to the end
const ofOurs = new Set(["hand over"]);

// What a leg may be. Every way of saying less of what is wanted leaves some.
const kinds = [
  { adapter: "classic", handover: true },
  { adapter: "streams", tls: true },
  { adapter: "sharded", official: true },
  { adapter: "streams", handover: true, official: true },
  { adapter: "classic", tls: true, official: true },
  { adapter: "sharded", tls: true },
];
const LEG = 2; // minutes that a leg has at least, if there is more than one

// A random number of the seed's own.
function start(seed) {
  const below = random(seed);
  for (let skip = 0; skip < 8; skip++) below(2); // small seeds are alike at first
  return below;
}

function* shuffled(list, below) {
  for (let left = [...list]; left.length > 0; ) yield left.splice(below(left.length), 1)[0];
}

// Each kind that is short, in an order of the seed, before any comes again.
function* chosen(faults, below) {
  yield* shuffled(faults.filter(({ epoch }) => !epoch), below);
  const tickets = faults.flatMap((fault) => Array.from({ length: fault.weight }, () => fault));
  for (;;) yield tickets[below(tickets.length)];
}

// Epochs of load, with quiet between them: the first one is for warming up. Times in ms since the epoch began. `able`: what the nodes
// can do, `official`: the last one of them is.
export function makePlan({ seed, minutes, nodes, official = false, able = {} }) {
  const below = start(seed);
  const total = minutes * 60_000;
  const warm = Math.min(60_000, total / 4);
  const count = Math.max(1, Math.round((total - warm) / 90_000));
  const length = (total - warm) / count;
  const order = chosen(faults.filter(({ needs }) => !needs || able[needs]), below);
  const every = Math.min(6000, length / 6); // one fault in each such time
  const epochs = Array.from({ length: count }, () => {
    const steps = [];
    for (let at = every / 2; at < length - every / 2; at += every) {
      const { what, least, most, epoch } = order.next().value;
      const lasts = Math.min(least + below(most - least + 1), epoch ? most : length / 4);
      const begins = Math.round(at + below(every / 2));
      const target = ofAny.has(what) ? below(nodes) : 1 + below(nodes - 1 - (official && ofOurs.has(what) ? 1 : 0));
      if ((epoch ?? 0) <= length && begins + lasts < length)
        steps.push({ at: begins, what, ...((what.endsWith("node") || ofOurs.has(what)) && { node: target }), lasts: Math.round(lasts) });
    }
    return { length: Math.round(length), steps };
  });
  return [{ length: Math.round(warm), steps: [] }, ...epochs];
}

// Clusters that are soaked one after the other, each of another kind as long as there is time for it. `tls`: true, false, or undefined
// for either; `official`: all of them with an official node. An epoch without faults when they are `quiet`.
export function makeLegs({ seed, minutes, nodes, adapter = "all", tls, official = false, quiet = false }) {
  const below = start(seed);
  const base = { pattern: "classic", rooms: "classic" }[adapter] ?? adapter;
  const wanted = kinds.filter((kind) => (base === "all" || kind.adapter === base) && (tls === undefined || Boolean(kind.tls) === tls));
  const count = Math.max(1, Math.min(wanted.length, Math.floor(minutes / LEG)));
  return [...shuffled(wanted, below)].slice(0, count).map((kind, index) => {
    const leg = { handover: false, tls: false, ...kind, adapter: adapter === "all" ? kind.adapter : adapter, official: official || Boolean(kind.official), seed: seed + index * 1000, minutes: minutes / count, nodes };
    const plan = { ...leg, nodes: nodes + (leg.official ? 1 : 0), able: leg };
    return { ...leg, epochs: quiet ? [{ length: minutes * 60_000, steps: [] }] : makePlan(plan) };
  });
}

export const sayLeg = ({ adapter, tls, handover, official, nodes, minutes, seed }) =>
  `${adapter}${tls ? ", TLS" : ""}${handover ? ", hand-overs" : ""}, ${nodes} nodes${official ? " and an official one" : ""}: ${Number(minutes.toFixed(2))} minutes by ${seed}`;

export const sayPlan = (plan) =>
  plan.map(({ length, steps }, index) =>
    [`epoch ${index}: ${(length / 1000).toFixed(1)} s`, ...steps.map(({ at, what, node, lasts }) =>
      `  ${(at / 1000).toFixed(1)} s: ${what}${node === undefined ? "" : ` ${node}`}, ${lasts} ms`)].join("\n")).join("\n");
