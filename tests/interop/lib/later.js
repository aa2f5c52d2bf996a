// What a test has to undo: run in reverse order when it ends, the rest also when one step fails.
const stacks = new WeakMap();

export function later(t, undo) {
  if (!stacks.has(t)) {
    stacks.set(t, []);
    t.after(() => unwind(stacks.get(t)));
  }
  stacks.get(t).push(undo);
}

async function unwind(stack) {
  const errors = [];
  while (stack.length > 0)
    try {
      await stack.pop()();
    } catch (error) {
      errors.push(error);
    }
  if (errors.length > 0) throw errors[0];
}

// How many times longer what has to happen may take, on a machine that is slow or busy.
export const patience = Number(process.env.SIO_PATIENCE ?? 1);

// The promise's result, or an error that says what was awaited. A deadline that nobody waits for any more, since another
// promise was there first, keeps no test file from ending.
export function within(promise, what, ms = 10_000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing after ${ms * patience} ms: ${what}`)), ms * patience).unref();
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
