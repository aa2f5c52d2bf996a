// Reads what Prometheus scrapes, strictly, and asks nodes for it.
import assert from "node:assert/strict";
import { eventually } from "./clients.js";
import { within } from "./later.js";

// { types: name => type, samples: "name{labels}" => number }
export function parse(text) {
  const types = new Map();
  const samples = new Map();
  let helped, family;
  assert(text.endsWith("\n"));
  for (const line of text.slice(0, -1).split("\n")) {
    const help = /^# HELP ([a-zA-Z_:][\w:]*) \S.*$/.exec(line);
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (gauge|counter|histogram)$/.exec(line);
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\[\\"n])*",?)+)\})? (-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/.exec(line);
    if (help) helped = help[1];
    else if (type) {
      assert.equal(type[1], helped, line);
      assert(!types.has(type[1]), line);
      types.set((family = type[1]), type[2]);
    } else {
      assert(sample, `no line of the format: ${line}`);
      const key = line.slice(0, line.lastIndexOf(" "));
      assert(!samples.has(key), line);
      const rest = sample[1].slice(family.length);
      assert(sample[1].startsWith(family) && (types.get(family) === "histogram" ? ["_bucket", "_sum", "_count"].includes(rest) : rest === ""), line);
      samples.set(key, Number(sample[3]));
    }
  }
  return { types, samples };
}

// The port of its metrics, which it tells in its log.
export const metricsPort = (node) => eventually("the listener of metrics", () => /metrics at \S+ port (\d+)/.exec(node.log)?.[1]);

export class Watcher {
  constructor(port) {
    this.url = `http://127.0.0.1:${port}`;
  }

  async get(path, options) {
    const response = await within(fetch(this.url + path, options), `an answer to ${path}`);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async scrape() {
    const { status, headers, text } = await this.get("/metrics");
    assert.equal(status, 200);
    assert.equal(headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    return parse(text);
  }

  async value(key) {
    const value = (await this.scrape()).samples.get(key);
    assert.notEqual(value, undefined, `there is no ${key}`);
    return value;
  }

  // Waits until it is that, or holds for a function.
  reaches(key, wanted) {
    const holds = typeof wanted === "function" ? wanted : (value) => value === wanted;
    return eventually(`${key} is ${wanted}`, async () => holds(await this.value(key)));
  }
}

export const watch = async (node) => new Watcher(await metricsPort(node));
