// The table of docs/compatibility.md: a node of ours and a peer on one Redis, every feature in both directions.
import { ours, startNode } from "./node.js";
import { commandOf, emitterOf, features, meet, member, verdict } from "./features.js";
import { startRedis } from "./redis.js";

const classic = (version) => ({ ours: [], theirs: ["--redis-adapter", version] });
const sharded = (mode) => ({ ours: ["--adapter", "sharded", "--subscription-mode", mode], theirs: ["--adapter", "sharded", "--subscription-mode", mode] });

export const peers = {
  "redis-adapter 8.3": classic("8"),
  "redis-adapter 7.2": classic("7"),
  "socket.io-redis 6.1": classic("6"),
  "8.3 sharded, dynamic": sharded("dynamic"),
  "8.3 sharded, static": sharded("static"),
  "8.3 sharded, dynamic-private": sharded("dynamic-private"),
  "redis-streams-adapter 0.3": { ours: ["--adapter", "streams"], theirs: ["--adapter", "streams"] },
  "redis-emitter 5.1": { ours: [], from: emitterOf },
  "sio-emit to 8.3": { ...classic("8"), to: "classic" },
  "sio-emit to 8.3 sharded": { ...sharded("dynamic"), to: "sharded" },
  "sio-emit to streams": { theirs: ["--adapter", "streams"], to: "streams" },
};

// [ours to the peer, the peer to ours] for each feature; emitters have one direction.
export async function column(t, peer, why = () => {}) {
  const redis = await startRedis(t);
  const start = async (kind, name, flags) => member(t, await startNode(t, kind, "--redis", redis.url, "--name", name, "--request-timeout", "3000", ...flags), name);
  const own = peer.to ? commandOf(redis, peer.to) : await start(ours, "own", peer.ours);
  const other = peer.from ? await peer.from(t, redis) : await start("reference", "other", peer.theirs);
  if (!peer.from) await meet(own, other);
  if (!peer.to) await meet(other, own);
  const cells = {};
  for (const feature of Object.keys(features)) {
    const tell = (direction) => (text) => why(feature, direction, text);
    cells[feature] = [
      peer.from ? "" : await verdict(feature, own, other, tell("to it")),
      peer.to ? "" : await verdict(feature, other, own, tell("from it")),
    ].filter(Boolean);
  }
  return cells;
}

export function table(columns) {
  const names = Object.keys(columns);
  const row = (cells) => `| ${cells.join(" | ")} |`;
  return [
    row(["", ...names]),
    row(["---", ...names.map(() => "---")]),
    ...Object.keys(features).map((feature) => row([feature, ...names.map((name) => columns[name][feature].join(" / "))])),
  ].join("\n");
}
