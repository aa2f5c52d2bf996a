// What is measured. `figure` is the one that tables and plots show, of the generator's; `best` says which way is better.
const servers = ["floor", "ours", "node", "bun"];
const helped = ["floor", "ours", "ours-threads", "node", "bun"];
const tls = ["ours", "ours-tls", "ours-nginx", "node", "node-tls"];
const broadcast = (clients, payload, inFlight) => ["--clients", clients, "--payload", payload, "--in-flight", inFlight];

export const scenarios = [
  { name: "one", title: "1,000 clients, 64 bytes, 1 in flight", args: broadcast(1000, 64, 1), peers: helped, quick: true },
  { name: "many", title: "1,000 clients, 64 bytes, 32 in flight", args: broadcast(1000, 64, 32), peers: helped, quick: true, quickOpen: true },
  { name: "1k", title: "1,000 clients, 1 KiB, 4 in flight", args: broadcast(1000, 1024, 4), peers: servers, quick: true },
  { name: "64k", title: "100 clients, 64 KiB, 2 in flight", args: broadcast(100, 65536, 2), peers: servers },
  { name: "client", title: "1 client, 64 bytes, 1 in flight", args: broadcast(1, 64, 1), peers: servers },
  { name: "hundred", title: "100 clients, 64 bytes, 8 in flight", args: broadcast(100, 64, 8), peers: servers },
  { name: "ten-thousand", title: "10,000 clients, 64 bytes, 4 in flight", args: broadcast(10_000, 64, 4), peers: helped },
  { name: "rooms", title: "100 rooms of 10 clients, 16 in flight", args: ["--clients", 1000, "--rooms", 100, "--in-flight", 16], peers: ["ours", "node", "bun"], quick: true },
  { name: "rooms-10k", title: "10,000 rooms of 10, each client in 10, 64 in flight", args: ["--clients", 10_000, "--rooms", 10_000, "--each", 10, "--in-flight", 64], peers: ["ours", "node", "bun"] },
  { name: "zipf", title: "100 rooms, sizes and traffic by Zipf, 16 in flight", args: ["--clients", 1000, "--rooms", 100, "--zipf", "--in-flight", 16], peers: ["ours", "node", "bun"] },
  { name: "private", title: "messages to 1 of 1,000 clients each, 64 in flight", args: ["--clients", 1000, "--traffic", "private", "--in-flight", 64], peers: ["ours", "node", "bun"], figure: "cpu_us_per_message" },
  { name: "acks", title: "100 clients, 1 event each in flight, acknowledged", args: ["--clients", 100, "--traffic", "ack", "--in-flight", 100], peers: ["ours", "node", "bun"], figure: "cpu_us_per_message", quick: true },
  { name: "chat", title: "two nodes, 100 rooms of 10 that talk, 32 in flight", args: ["--clients", 1000, "--rooms", 100, "--traffic", "say", "--in-flight", 32], nodes: 2, peers: ["ours", "node", "bun"] },
  { name: "survey", title: "two nodes, each of 100 clients acknowledges each broadcast, 4 in flight", args: ["--clients", 100, "--traffic", "survey", "--in-flight", 4], nodes: 2, peers: ["ours", "node", "bun"] },
  { name: "elsewhere", title: "messages for rooms elsewhere, 1,000 for each that is not", args: ["--clients", 1, "--noise", 1000], peers: ["ours", "ours-rooms", "node", "bun"], figure: "cpu_us_per_noise", closedOnly: true, quick: true },
  { name: "polling", title: "1,000 clients that poll, 64 bytes, 4 in flight", args: ["--clients", 1000, "--polling", "--in-flight", 4], peers: ["ours", "node", "bun"] },
  { name: "deflate", title: "1,000 clients, 1 KiB deflated, 4 in flight", args: [...broadcast(1000, 1024, 4), "--deflate"], flags: ["--deflate", "1024"], peers: ["ours", "node"] },
  { name: "idle", title: "10,000 idle clients, 128 on their way in at a time", args: ["--clients", 10_000, "--idle"], peers: ["ours", "node", "bun"], figure: "rss_bytes_per_client", untimed: true, quick: true },
  { name: "storm", title: "10,000 clients at once", args: ["--clients", 10_000, "--connecting", 10_000, "--idle"], peers: ["ours", "node", "bun"], figure: "join_max_us", untimed: true },
  { name: "emit", title: "an emitter, 64 bytes", kind: "emit", peers: ["ours", "node"], figure: "cpu_us_per_emit", untimed: true, quick: true },
  { name: "sio-emit", title: "one emit, from the start of a process to its end", kind: "life", peers: ["ours", "node"], figure: "ms", untimed: true, quick: true },
  { name: "tls", title: "1,000 clients, 64 bytes, 1 in flight", args: broadcast(1000, 64, 1), peers: tls, table: "tls", closedOnly: true },
  { name: "tls-many", title: "1,000 clients, 64 bytes, 32 in flight", args: broadcast(1000, 64, 32), peers: tls, table: "tls", closedOnly: true, quick: true },
  { name: "tls-1k", title: "1,000 clients, 1 KiB, 4 in flight", args: broadcast(1000, 1024, 4), peers: tls, table: "tls", closedOnly: true },
  { name: "tls-hundred", title: "100 clients, 64 bytes, 8 in flight", args: broadcast(100, 64, 8), peers: tls, table: "tls", closedOnly: true },
  { name: "tls-idle", title: "2,000 idle clients, 128 on their way in at a time", args: ["--clients", 2000, "--idle"], peers: tls, table: "tls", figure: "rss_bytes_per_client", untimed: true },
].map((scenario) => ({ figure: "cpu_us_per_delivery", ...scenario, args: scenario.args?.map(String) }));

// The lines of issue 6: what `peer` has is to be at most `most`, or so many `times` what another has.
export const goals = [
  { line: "1,000 clients, 64 B, 1 in flight: server CPU per delivery, us", scenario: "one", of: "floor", times: 1.15 },
  { line: "the same, 32 in flight, us", scenario: "many", of: "floor", times: 1.5 },
  { line: "the same, beside Node.js", scenario: "many", of: "node", times: 1 / 20 },
  { line: "the same, 1 KiB, 4 in flight, us", scenario: "1k", of: "floor", times: 1.3 },
  { line: "100 rooms x 10 clients, 16 in flight, per delivery, us", scenario: "rooms", of: "node", times: 1 / 4 },
  { line: "ack round trip, 100 clients, per message, us", scenario: "acks", of: "node", times: 1 / 3 },
  { line: "message for a room elsewhere, by the pattern, us", scenario: "elsewhere", most: 0.35 },
  { line: "the same, by subscriptions of rooms, us", scenario: "elsewhere", peer: "ours-rooms", most: 0.05 },
  { line: "idle client, 10,000 of them, resident, bytes", scenario: "idle", most: 2048 },
  { line: "join, CPU each, us", scenario: "idle", figure: "cpu_us_per_join", most: 40 },
  { line: "emitter, CPU per emit, us", scenario: "emit", most: 0.6 },
  { line: "emitter, emits a second", scenario: "emit", figure: "emits_per_second", least: 1_000_000 },
  { line: "one sio-emit from start to end, ms", scenario: "sio-emit", most: 5 },
  { line: "one sio-emit, peak memory, KiB", scenario: "sio-emit", figure: "peak_kib", most: 5 * 1024 },
  { line: "p99 latency at half of Node's best rate, a thread helps, us", scenario: "many", loop: "open", peer: "ours-threads", figure: "p99_us", of: "node", times: 1 / 3 },
];
