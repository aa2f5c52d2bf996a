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
];

// Each kind that is short, in an order of the seed, before any comes again.
function* chosen(below) {
  const basic = faults.filter(({ epoch }) => !epoch);
  for (let left = [...basic]; left.length > 0; ) yield left.splice(below(left.length), 1)[0];
  const tickets = faults.flatMap((fault) => Array.from({ length: fault.weight }, () => fault));
  for (;;) yield tickets[below(tickets.length)];
}

// Epochs of load, with quiet between them: the first one is for warming up. Times in ms since the epoch began.
export function makePlan({ seed, minutes, nodes }) {
  const below = random(seed);
  for (let skip = 0; skip < 8; skip++) below(2); // small seeds are alike at first
  const total = minutes * 60_000;
  const warm = Math.min(60_000, total / 4);
  const count = Math.max(1, Math.round((total - warm) / 90_000));
  const length = (total - warm) / count;
  const order = chosen(below);
  const every = Math.min(6000, length / 6); // one fault in each such time
  const epochs = Array.from({ length: count }, () => {
    const steps = [];
    for (let at = every / 2; at < length - every / 2; at += every) {
      const { what, least, most, epoch } = order.next().value;
      const lasts = Math.min(least + below(most - least + 1), epoch ? most : length / 4);
      const begins = Math.round(at + below(every / 2));
      // The first node is never killed: its memory is followed from the beginning to the end.
      const target = what === "freeze node" ? below(nodes) : 1 + below(nodes - 1);
      if ((epoch ?? 0) <= length && begins + lasts < length) steps.push({ at: begins, what, ...(what.endsWith("node") && { node: target }), lasts: Math.round(lasts) });
    }
    return { length: Math.round(length), steps };
  });
  return [{ length: Math.round(warm), steps: [] }, ...epochs];
}

export const sayPlan = (plan) =>
  plan.map(({ length, steps }, index) =>
    [`epoch ${index}: ${(length / 1000).toFixed(1)} s`, ...steps.map(({ at, what, node, lasts }) =>
      `  ${(at / 1000).toFixed(1)} s: ${what}${node === undefined ? "" : ` ${node}`}, ${lasts} ms`)].join("\n")).join("\n");
