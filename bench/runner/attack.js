// So many clients that do their worst to a server at the same time, each again and again until stdin ends.
//   node attack.js PORT COUNT       prints "attacking" when all have begun, and in the end what they did, as JSON
import { once } from "node:events";
import { connect as dial } from "node:net";
import { randomBytes } from "node:crypto";

const [port, count] = process.argv.slice(2).map(Number);
const TURN = 10; // ms between two steps of one of them, more or less: they know nothing of each other
const did = {};
let running = true;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function frame(text, mask = randomBytes(4)) {
  const data = Buffer.from(text);
  const head = data.length < 126 ? [0x81, 0x80 | data.length] : [0x81, 0xfe, data.length >> 8, data.length & 255];
  return Buffer.concat([Buffer.from(head), mask, data.map((byte, index) => byte ^ mask[index & 3])]);
}

const upgrade = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
const handshake = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n";
const flood = Buffer.concat(Array.from({ length: 100 }, () => frame('42["message-with-ack",1]')));
const large = frame(`42["echo","${"x".repeat(60_000)}"]`);
const wrongs = ["4x", "42[", '451-["a",{"_placeholder":true,"num":7}]', '42/never,["a"]', `42["echo",${"[".repeat(20_000)}${"]".repeat(20_000)}]`].map((text) => frame(text));

// What a client does: first that, then a step of it again and again while it is connected.
const ways = [
  { name: "floods", share: 60, first: upgrade, step: () => flood },
  { name: "asks for much and reads nothing", share: 40, first: upgrade, step: () => large, deaf: true },
  { name: "lies", share: 40, first: upgrade, step: (turn) => wrongs[turn % wrongs.length] },
  { name: "sends garbage", share: 20, first: "", step: () => randomBytes(2000) },
  { name: "sends byte by byte", share: 20, first: "", step: (turn) => handshake[turn] ?? "x" },
  { name: "shakes hands and goes", share: 20, first: handshake, step: (turn) => (turn > 1 ? null : "") },
];

// Connects from one of several addresses, and ends when the server closes it.
async function live(way, index) {
  let socket = null;
  const done = async () => {
    socket = dial({ port, host: "127.0.0.1", localAddress: `127.0.1.${1 + (index % 50)}` });
    let over = false;
    socket.on("error", () => {}).on("close", () => (over = true)).on("end", () => socket.destroy());
    if (way.first) socket.write(way.first);
    if (way.first === upgrade) { // what comes with the handshake is lost to engine.io
      await Promise.race([once(socket, "data"), once(socket, "close")]).catch(() => {});
      socket.write(frame("40"));
    }
    if (way.deaf) socket.pause();
    else socket.resume();
    for (let turn = 0; running && !over; turn++) {
      await pause(2 * TURN * Math.random());
      const bytes = way.step(turn);
      if (bytes === null) break;
      if (over || socket.writableLength > 1e6) continue;
      socket.write(bytes);
      did[way.name] = (did[way.name] ?? 0) + 1;
    }
    socket.destroy();
    did.connections = (did.connections ?? 0) + 1;
  };
  while (running) await done();
}

const total = ways.reduce((sum, { share }) => sum + share, 0);
let index = 0;
const lives = ways.flatMap((way) => Array.from({ length: Math.round((way.share / total) * count) }, () => live(way, index++)));
await pause(200);
console.log("attacking");
for await (const chunk of process.stdin) if (chunk.length < 0) break;
running = false;
await Promise.race([Promise.all(lives), pause(1000)]);
console.log(JSON.stringify(did));
process.exit(0);
