// Who may include what. A new arrow between folders is a decision: it is made here first.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root, treeFiles } from "../lib/files.js";

const files = treeFiles().filter((name) => /\.[ch]$/.test(name));

// folder: modules whose <sio/…> headers it may include; folders of its own module; foreign libraries
const layers = {
  "proto/include": { modules: ["proto"], own: [], libraries: [] },
  "proto/base": { modules: ["proto"], own: ["base"], libraries: [] },
  "proto/value": { modules: ["proto"], own: ["value", "base"], libraries: ["yyjson", "msgpack"] },
  "proto/eio": { modules: ["proto"], own: ["eio", "base"], libraries: [] },
  "proto/proxy": { modules: ["proto"], own: ["proxy", "base"], libraries: [] },
  "proto/sio": { modules: ["proto"], own: ["sio", "base"], libraries: [] },
  "proto/ws": { modules: ["proto"], own: ["ws", "base"], libraries: ["openssl", "zlib"] },
  "proto/cluster": { modules: ["proto"], own: ["cluster", "base"], libraries: [] },
  "proto/emit": { modules: ["proto"], own: ["emit", "base"], libraries: [] },
  "proto/url": { modules: ["proto"], own: ["url", "base"], libraries: [] },
  "redis/include": { modules: ["proto", "redis"], own: [], libraries: [] },
  redis: { modules: ["proto", "redis"], own: [""], libraries: ["hiredis", "openssl"] },
  "adapter/include": { modules: ["proto", "adapter"], own: [], libraries: [] },
  "adapter/memory": { modules: ["proto", "adapter"], own: ["memory"], libraries: [] },
  "adapter/cluster": { modules: ["proto", "adapter"], own: ["cluster"], libraries: [] },
  "adapter/redis": { modules: ["proto", "redis", "adapter"], own: ["redis", "cluster"], libraries: ["hiredis", "uv"] },
  "server/include": { modules: ["proto", "adapter", "server"], own: [], libraries: [] },
  "server/core": { modules: ["proto", "adapter", "server"], own: ["core"], libraries: [] },
  "server/net": { modules: ["proto", "adapter", "server"], own: ["core", "net"], libraries: ["uv", "llhttp", "zlib", "linux"] },
  "server/tls": { modules: ["proto", "server"], own: [""], libraries: ["uv", "libwebsockets", "llhttp", "openssl"] },
  "server/examples": { modules: ["proto", "adapter", "server"], own: ["chat"], libraries: [], stable: true },
  "docs/examples": { modules: ["proto", "adapter", "server", "emitter"], own: [""], libraries: ["uv", "pthread", "libwebsockets"], stable: true },
  emitter: { modules: ["proto", "redis", "emitter"], own: [""], libraries: ["hiredis", "yyjson", "pthread"] },
};
// proto/eio and proto/sio meet in server/core/client.c, not before
const forbidden = { "proto/eio": ["sio/sys/packet.h"], "proto/sio": ["sio/sys/eio.h"] };

// no descriptor, loop, thread or clock in the folders that are pure
const pure = ["proto/", "adapter/memory/", "adapter/cluster/", "server/core/"];
const impure = /\b(socket|accept|recv|send|poll|select|epoll_\w+|pthread_\w+|time|clock_gettime|gettimeofday|getrandom|fopen|open)\s*\(/;
const impureHeaders = /<(sys\/socket|unistd|pthread|poll|time|sys\/time|fcntl|threads|netinet\/.*|arpa\/.*)\.h>/;

const layerOf = (file) => Object.keys(layers).find((folder) => file.startsWith(folder + "/"));
const exists = (file) => files.includes(file);
const systemHeader = /^(std\w+|string|limits|errno|assert|ctype|math|inttypes|float|unistd|fcntl|signal|sys\/\w+|netinet\/\w+|arpa\/\w+|time|poll|getopt|dlfcn|netdb|regex|strings|dirent|malloc)\.h$/;

function problemsOf(file) {
  const layer = layers[layerOf(file)];
  const problems = [];
  for (const [, open, header] of readFileSync(path.join(root, file), "utf8").matchAll(/^\s*#\s*include\s+([<"])([^>"]+)[>"]/gm)) {
    if (open === "<" && header.startsWith("sio/")) {
      if (!layer.modules.some((module) => exists(`${module}/include/${header}`))) problems.push(`<${header}>`);
      if (layer.stable && header.startsWith("sio/sys/")) problems.push(`<${header}> is not for applications`);
      if ((forbidden[layerOf(file)] ?? []).includes(header)) problems.push(`<${header}>`);
    } else if (open === "<") {
      if (!systemHeader.test(header) && !layer.libraries.some((library) => header === `${library}.h` || header.startsWith(`${library}/`)))
        problems.push(`<${header}>`);
    } else if (!layer.own.some((folder) => (folder ? header.startsWith(folder + "/") : !header.includes("..")))) {
      problems.push(`"${header}"`);
    }
  }
  return problems;
}

test("the table knows every folder", () => {
  const unknown = files.filter((file) => /^(proto|redis|adapter|server|emitter|docs)\//.test(file) && !layerOf(file));
  assert.deepEqual(unknown, []);
  for (const folder of Object.keys(layers)) assert(files.some((file) => file.startsWith(folder + "/")), `${folder} is empty`);
});

for (const folder of Object.keys(layers))
  test(`${folder} includes only what the table allows`, () => {
    const bad = files.filter((file) => layerOf(file) === folder)
      .flatMap((file) => problemsOf(file).map((problem) => `${file} includes ${problem}`));
    assert.deepEqual(bad, []);
  });

test("pure folders do no I/O and read no clock", () => {
  const bad = files.filter((file) => pure.some((folder) => file.startsWith(folder))).filter((file) => {
    const code = readFileSync(path.join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*|"(\\.|[^"])*"/g, "");
    return impure.test(code.replace(/[\w]*sio_\w+\s*\(|->\w+\s*\(|\.\w+\s*\(/g, "")) || impureHeaders.test(readFileSync(path.join(root, file), "utf8"));
  });
  assert.deepEqual(bad, []);
});

// the application's allocator is one for the process, set before anything else (sio/memory.h)
const allocator = "proto/base/alloc.c";
test("pure folders have no variable that changes", () => {
  const bad = files.filter((file) => pure.some((folder) => file.startsWith(folder)) && file.endsWith(".c") && file !== allocator).flatMap((file) =>
    [...readFileSync(path.join(root, file), "utf8").matchAll(/^(?:\s+)?static (?!const\b|inline\b|_Thread_local\b)[^()\n]*?(?:=|;)/gm)]
      .map((match) => match[0].trim()).filter((line) => !/\bconst\b/.test(line)).map((line) => `${file}: ${line}`));
  assert.deepEqual(bad, []);
});
