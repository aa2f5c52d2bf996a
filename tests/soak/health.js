// What a node must not do while it is soaked: grow, keep descriptors, log errors.
const MIB = 1024 * 1024;
const KEPT = MIB; // that may be allocated more: lists of fixed length fill up
const MORE = 1.5; // resident memory at a later quiet, to that at the first one after load:
const SLACK = 16 * MIB; // allocators keep pages that are used in part
const RING = "anon_inode:[io_uring]"; // one, from the first turn of the loop on in which many clients are written to

// Those of the second list that the first has not, each as often.
function beyond(before, now) {
  const left = [...before];
  return now.filter((fd) => {
    const at = left.indexOf(fd);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

// What is wrong with a measure at one quiet, compared with an earlier one; both { fds, heap, resident }, in bytes.
export function* grown(before, now) {
  const more = beyond(before.fds.includes(RING) ? before.fds : [...before.fds, RING], now.fds);
  if (now.fds.length > before.fds.length && more.length > 0) yield `has ${now.fds.length} descriptors, and had ${before.fds.length}; new are ${more}`;
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
