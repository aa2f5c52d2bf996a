// demo-check URL URL: proves with official clients that two nodes and an emitter are one chat.
import { once } from "node:events";
import { io } from "socket.io-client";

const PATIENCE = 15_000;
const urls = process.argv.slice(2);
const sockets = [];

function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${PATIENCE} ms in vain for ${what}`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function proveServed(url) {
  for (const [path, mark] of [["", "<title>Chat</title>"], ["socket.io/socket.io.js", "Socket.IO v4"]]) {
    const answer = await within(fetch(url + path), url + path);
    const text = await answer.text();
    if (answer.status !== 200 || !text.includes(mark)) throw new Error(`${url}${path}: ${answer.status}, no "${mark}"`);
  }
  console.log(`ok: ${url} serves the page and the official client`);
}

async function enter(url, nick, transports) {
  const socket = io(url, { auth: { nick }, transports, forceNew: true, reconnection: false });
  sockets.push(socket);
  const refused = new Promise((_, reject) => socket.once("connect_error", reject));
  await within(Promise.race([once(socket, "connect"), refused]), `${nick} to connect to ${url}`);
  const answer = await socket.timeout(PATIENCE).emitWithAck("join", "lobby");
  if (answer.room !== "lobby") throw new Error(`${nick} cannot join: ${JSON.stringify(answer)}`);
  return socket;
}

async function proveSaid(from, to, nick) {
  const text = `hello from ${nick}, ${"ä".repeat(100)}`;
  const started = performance.now();
  const heard = within(once(to, "said"), `what ${nick} says`);
  const answer = await from.timeout(PATIENCE).emitWithAck("say", text);
  if (answer.room !== "lobby") throw new Error(`${nick} cannot say: ${JSON.stringify(answer)}`);
  const [said] = await heard;
  if (said.nick !== nick || said.text !== text) throw new Error(`heard ${JSON.stringify(said)}`);
  return (performance.now() - started).toFixed(1);
}

async function proveErrors(url, socket) {
  const answer = await socket.timeout(PATIENCE).emitWithAck("say", "");
  if (!answer.error) throw new Error("an empty message was let through");
  const stranger = io(url, { forceNew: true, reconnection: false });
  sockets.push(stranger);
  const [error] = await within(once(stranger, "connect_error"), "a client without a nick name to be refused");
  console.log(`ok: refused with a reason: "${answer.error}" and "${error.message}"`);
}

// One may have got a headline already that the other is about to get.
function sameHeadline(...listeners) {
  return new Promise((resolve) => {
    const times = new Map();
    for (const socket of listeners)
      socket.on("headline", ({ number, title }) => {
        times.set(number, (times.get(number) ?? 0) + 1);
        if (times.get(number) === listeners.length) resolve(title);
      });
  });
}

async function prove() {
  if (urls.length !== 2) throw new Error("usage: demo-check URL URL");
  for (const url of urls) await proveServed(url);
  const ada = await enter(urls[0], "Ada", ["polling", "websocket"]);
  const cameToAda = within(once(ada, "came"), "Ada to hear that Ben has come");
  const ben = await enter(urls[1], "Ben", ["websocket"]);
  if ((await cameToAda)[0] !== "Ben") throw new Error("somebody else has come");
  console.log("ok: node 1 hears who comes in on node 2");
  console.log(`ok: a message went from node 1 to node 2 in ${await proveSaid(ada, ben, "Ada")} ms`);
  console.log(`ok: a message went from node 2 to node 1 in ${await proveSaid(ben, ada, "Ben")} ms`);
  await proveErrors(urls[0], ada);
  console.log(`ok: the emitter reached both nodes: "${await within(sameHeadline(ada, ben), "a headline on both nodes")}"`);
  const gone = within(once(ben, "went"), "Ben to hear that Ada has gone");
  ada.disconnect();
  if ((await gone)[0] !== "Ada") throw new Error("somebody else has gone");
  console.log("ok: node 2 hears who leaves node 1");
}

try {
  await prove();
} catch (error) {
  console.error(`not ok: ${error.message}`);
  process.exitCode = 1;
} finally {
  for (const socket of sockets) socket.close();
}
