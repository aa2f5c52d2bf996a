// What the chat says when it cannot start, or has no Redis: what is wrong, and what would be right.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { root } from "../lib/files.js";
import { later, within } from "./lib/later.js";

const chat = path.resolve(process.env.SIO_BUILD ?? "", "server/examples/sio-chat");
const page = ["--page", path.join(root, "server/examples/chat/index.html"), "--port", "0"];

const refused = [
  [["--redis", "unix::"], {}, /after unix: stands the path of the socket, such as unix:\/run\/redis\.sock\n/],
  [["--redis", "unix:"], {}, /after unix: stands the path/],
  [["--redis", "http://127.0.0.1"], {}, /Redis URL: it begins with redis:\/\/.*with rediss for TLS/],
  [["--redis", "redis://"], {}, /Redis URL: a host is missing\n/],
  [["--host", "example.org"], {}, /cannot listen on example\.org port 0: this is no IP address, and names are not looked up\n/],
  [["--host", "192.0.2.1"], {}, /cannot listen on 192\.0\.2\.1 port 0: this machine has no such address\n/],
  [["--page", "/nothing/there"], {}, /cannot serve "\/nothing\/there".*: not found\n/],
  [[], { SIO_LOG: "engine:loud" }, /SIO_LOG: .*no category or level; see --help\n/],
  [[], { SIO_LOG_FORMAT: "xml" }, /SIO_LOG_FORMAT is text, logfmt or json\n/],
];
for (const [args, env, what] of refused)
  test(`${[...args, ...Object.entries(env).flat()].join(" ")}: is told`, () => {
    const { status, stdout, stderr } = spawnSync(chat, [...page, ...args], { env: { ...process.env, ...env }, encoding: "utf8", timeout: 20_000 });
    assert.equal(status, 1, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, what);
    assert.equal(stderr.match(new RegExp(what, "g")).length, 1, "once");
  });

test("a Redis that stays away for one reason is one warning", async (t) => {
  const child = spawn(chat, [...page, "--redis", "redis://127.0.0.1:1"], { env: { ...process.env, SIO_LOG: "adapter:debug" }, stdio: ["ignore", "ignore", "pipe"] });
  later(t, () => child.kill("SIGKILL"));
  const levels = [];
  await within((async () => {
    for await (const line of createInterface({ input: child.stderr })) {
      const [, level] = /\b(\w+) adapter: cluster disconnected/.exec(line) ?? [];
      if (level) levels.push(level);
      if (levels.length === 4) return;
    }
  })(), "four attempts");
  assert.deepEqual(levels, ["warn", "debug", "debug", "debug"]);
});
