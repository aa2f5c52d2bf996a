// A page of a node's own in which an official client runs, and a conversation of it with the node.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";
import { collect, eventually, reasonOf } from "../interop/lib/clients.js";
import { plain } from "../interop/lib/values.js";

const require = createRequire(import.meta.url);
const dist = (name) => path.dirname(require.resolve(`${name}/dist/socket.io.js`));

// The builds of 4 come from the node itself. JSONP has gone with it.
export const overs = { polling: { transports: ["polling"] }, websocket: { transports: ["websocket"] }, upgrade: { transports: ["polling", "websocket"] } };
const jsonp = { jsonp: { transports: ["polling"], forceJSONP: true } };
export const builds = {
  "2": { folder: dist("socket.io-client-v2"), file: "socket.io.js", overs: { ...overs, ...jsonp } },
  "2, slim": { folder: dist("socket.io-client-v2"), file: "socket.io.slim.js", overs },
  "3": { folder: dist("socket.io-client-v3"), file: "socket.io.js", overs: { ...overs, ...jsonp } },
  "3, msgpack": { folder: dist("socket.io-client-v3"), file: "socket.io.msgpack.min.js", overs, msgpack: true },
  "4": { file: "socket.io.js", overs },
  "4, minified": { file: "socket.io.min.js", overs },
  "4, module": { file: "socket.io.esm.min.js", overs, module: true },
  "4, msgpack": { file: "socket.io.msgpack.min.js", overs, msgpack: true },
};

// A page of the node's own origin (one of its files, shown as text) that has loaded that build.
export async function openPage(t, browser, node, { folder, file, module }) {
  const page = await browser.newPage();
  t.after(() => page.close());
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(error.message));
  await page.goto(`${node.url}/socket.io/socket.io.msgpack.min.js`);
  const url = `/socket.io/${file}`;
  if (folder) await page.addScriptTag({ path: path.join(folder, file) });
  else if (module) await page.addScriptTag({ type: "module", content: `import { io } from "${url}"; window.io = io;` });
  else await page.addScriptTag({ url });
  await page.waitForFunction(() => window.io);
  await page.evaluate(tools);
  return page;
}

// ---- in the page ----

export const bytes = (...list) => ({ bytes: list });
const texts = [null, true, -1.5, "ä € 日本語 😀", "\u2028 \\n \u0000", { three: [4, { five: null }] }, []];
const binaries = [bytes(0, 1, 2, 4, 255), { a: [{ b: bytes(7) }], ключ: "ü" }, bytes(), "after", bytes(...Array.from({ length: 256 }, (_, byte) => byte))];

// Bytes travel between test and page as {bytes: […]}.
function tools() {
  window.real = (value) => {
    if (Array.isArray(value)) return value.map(real);
    if (!value || typeof value !== "object") return value;
    return value.bytes ? Uint8Array.from(value.bytes).buffer : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, real(item)]));
  };
  window.told = (value) => {
    if (value instanceof ArrayBuffer) return { bytes: [...new Uint8Array(value)] };
    if (ArrayBuffer.isView(value)) return { bytes: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)] };
    if (Array.isArray(value)) return value.map(told);
    if (!value || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, told(item)]));
  };
  window.next = (emitter, event) => new Promise((resolve, reject) => {
    emitter.once(event, (...args) => resolve(told(args)));
    setTimeout(() => reject(new Error(`no ${event}`)), 10_000);
  });
  window.asked = (socket, event, ...args) => new Promise((resolve, reject) => {
    socket.emit(event, ...args, (...values) => resolve(told(values)));
    setTimeout(() => reject(new Error(`no answer to ${event}`)), 10_000);
  });
}

export async function dial({ url, options, upgrade }) {
  const socket = (window.socket = io(url, { reconnection: false, forceNew: true, ...options }));
  const failed = new Promise((_, reject) => ["connect_error", "error"].forEach((event) => socket.once(event, (error) => reject(new Error(`${event}: ${error.message ?? error}`)))));
  await Promise.race([next(socket, "auth"), failed]);
  const { engine } = socket.io;
  if (upgrade && (engine.transport.name !== "websocket" || engine.upgrading)) await new Promise((resolve) => engine.once("upgrade", resolve));
  return { id: socket.id, transport: engine.transport.name };
}

async function thereAndBack(given) {
  const args = real(given);
  const back = next(socket, "message-back");
  socket.emit("message", ...args);
  return [await back, await asked(socket, "message-with-ack", ...args)];
}

async function beside({ texts, binaries }) {
  const custom = socket.io.socket("/custom");
  await next(custom, "auth");
  const answers = [await asked(custom, "rooms"), await asked(custom, "echo", ...real(binaries))];
  await asked(custom, "join", ["room"]);
  const said = next(custom, "said");
  socket.emit("ctl", { op: "emit", nsp: "/custom", event: "said", args: texts, rooms: ["room"] }, () => {});
  return { id: custom.id, answers, said: await said };
}

async function inOrder(count) {
  const got = [];
  const all = new Promise((resolve) => socket.on("message-back", (index) => got.push(index) === count && resolve(got)));
  for (let index = 0; index < count; index++) socket.emit("message", index, index % 3 ? "text" : Uint8Array.from([index]).buffer);
  return all;
}

async function leave() {
  const gone = next(socket, "disconnect");
  socket.emit("bye", true);
  return gone;
}

// ---- the conversation ----

export async function conversation(t, page, node, control, options, over) {
  const shouted = collect(control, "shouted");
  const { id, transport } = await page.evaluate(dial, { url: node.url, options, upgrade: over === "upgrade" });
  assert.equal(transport, { websocket: "websocket", upgrade: "websocket" }[over] ?? "polling");
  for (const args of [[], texts, binaries]) assert.deepEqual(await page.evaluate(thereAndBack, args), [args, args]);
  assert.deepEqual(await page.evaluate(inOrder, 60), [...Array(60).keys()]);

  const custom = await page.evaluate(beside, { texts, binaries });
  assert.deepEqual(custom, { id: custom.id, answers: [[[custom.id]], binaries], said: texts });

  await page.evaluate((given) => socket.emit("shout", "from the page", ...real(given)), binaries);
  const [, ...heard] = (await shouted.marked("from the page")).at(-1).map(plain);
  assert.deepEqual(heard, [Buffer.from([0, 1, 2, 4, 255]), { a: [{ b: Buffer.from([7]) }], ключ: "ü" }, Buffer.alloc(0), "after", Buffer.from(binaries.at(-1).bytes)]);
  const heardInPage = page.evaluate(() => next(socket, "shouted"));
  await eventually("the page listens", () => page.evaluate(() => socket.listeners("shouted").length > 0));
  control.emit("shout", "to the page", Buffer.from([1, 2, 255]));
  assert.deepEqual(await heardInPage, ["to the page", bytes(1, 2, 255)]);

  assert.equal((await page.evaluate(leave))[0], "io server disconnect");
  assert.equal(await reasonOf(control, id), "server namespace disconnect");
  assert.deepEqual(page.problems, []);
}
