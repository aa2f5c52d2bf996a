// The client of python-socketio: another implementation of both protocols and both parsers.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { root } from "../lib/files.js";
import { transports } from "./lib/clients.js";
import { kinds, startNode } from "./lib/node.js";

const python = path.join(root, ".deps/python/bin/python3");
const client = path.join(root, "tests/interop/python/client.py");
const run = promisify(execFile);

const { status } = spawnSync(python, ["-c", "import socketio, msgpack"]);
const skip = status === 0 ? false : "python-socketio is not in .deps/python; scripts/setup installs it where it can";

const hex = (text) => ({ hex: text });
const values = [1, -1, 1.5, "two", "ä 日本 😀", null, true, [1, [2]], { three: { four: [] } }];
const binary = [hex(""), hex("0001ff"), { deep: [hex("6279746573"), "text"] }];

for (const kind of kinds)
  for (const parser of ["default", "msgpack"])
    for (const over of Object.keys(transports))
      test(`${kind}: python-socketio by ${over}, parser ${parser}`, { skip }, async (t) => {
        const node = await startNode(t, kind, "--parser", parser);
        const { stdout } = await run(python, [client, node.url, over, parser], { timeout: 60_000 });
        assert.deepEqual(JSON.parse(stdout), {
          transport: over === "polling" ? "polling" : "websocket",
          welcome: [[{ token: "t" }], [{ token: "t" }]],
          ack: values,
          "binary ack": binary,
          event: values,
          "binary event": binary,
          said: ["hello", hex("01")],
          all: true,
          disconnect: true,
          "the other one": "still here",
          "/auth": [{ message: "not authorized", data: { code: 401 } }],
          "/missing": [{ message: "Invalid namespace" }],
        });
      });
