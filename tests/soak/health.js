// What a node must not do while it is soaked: grow, keep descriptors, log errors.
const MIB = 1024 * 1024;
const KEPT = MIB; // that may be allocated more: lists of fixed length fill up
const MORE = 1.5; // resident memory at a later quiet, to that at the first one after load:
const SLACK = 16 * MIB; // allocators keep pages that are used in part

// What is wrong with a measure at one quiet, compared with an earlier one; both { fds, heap, resident }, in bytes.
export function* grown(before, now) {
  if (now.fds.length > before.fds.length) yield `has ${now.fds.length} descriptors, and had ${before.fds.length}: ${now.fds}`;
  if (now.heap > before.heap + KEPT) yield `has ${(now.heap / MIB).toFixed(1)} MiB allocated, and had ${(before.heap / MIB).toFixed(1)}`;
  if (now.resident > before.resident * MORE + SLACK)
    yield `has ${(now.resident / MIB).toFixed(1)} MiB resident, and had ${(before.resident / MIB).toFixed(1)}`;
}

// What a line of a log says: "sanitizer" and "error" are wrong, wherever they come from.
export function lineKind(line) {
  if (/Sanitizer|runtime error:/.test(line)) return "sanitizer";
  if (/^\[[^\]]+\] error \w+: /.test(line)) return "error";
  if (/^\[[^\]]+\] warn \w+: /.test(line)) return "warning";
  if (/redis: ready/.test(line)) return "ready";
  return /redis: (disconnected|connecting)/.test(line) ? "cut" : null;
}
