// Numbers below a limit, the same ones for the same seed.
export function random(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

// Good bytes with a few faults in them, the same ones in each run.
export function* mutations(bytes, count, seed = 1) {
  const below = random(seed);
  for (let round = 0; round < count; round++) {
    const copy = Buffer.from(bytes);
    for (let faults = 1 + below(4); faults > 0; faults--) copy[below(copy.length)] = below(3) ? below(256) : [0, 0xff, 0x7f, 0x80][below(4)];
    yield below(4) ? copy : copy.subarray(0, below(copy.length));
  }
}
