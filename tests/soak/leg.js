// One leg of a soak, in a process of its own: what is trusted by TLS is read when it starts. main.js sends the leg, and gets what came of it.
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Soak } from "./soak.js";

const [{ logs, ...leg }] = await once(process, "message");
const soak = new Soak({ ...leg, say: console.log });
process.once("disconnect", () => (soak.end(), process.exit(1))); // nobody waits for it any more
process.once("uncaughtException", (error) => {
  console.error(error);
  soak.end();
  process.exit(1);
});
let failure;
try {
  await soak.run();
} catch (error) {
  failure = error.stack;
} finally {
  soak.end();
}
const { ledger, cluster, counts } = soak;
const wrong = failure ? [...soak.allWrong, failure] : soak.allWrong;
const { outages, warnings } = cluster;
if (wrong.length > 0 || logs.always) {
  mkdirSync(logs.folder, { recursive: true });
  for (const { name, lines } of cluster.past) writeFileSync(path.join(logs.folder, `${name}.log`), `${lines.join("\n")}\n`);
  writeFileSync(path.join(logs.folder, "wrong"), wrong.map((text) => `${text}\n`).join(""));
}
process.send({ wrong, slowest: ledger.slowest, deliveries: ledger.counts, counts, faults: cluster.done, log: { outages, warnings } }, () => process.exit(0));
