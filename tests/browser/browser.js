// A browser of the test's own: Debian's Chromium, with a new profile that goes away with it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import { later } from "../interop/lib/later.js";

const args = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

export async function startBrowser(t, options = {}) {
  const profile = await mkdtemp(path.join(tmpdir(), "sio-browser-"));
  later(t, () => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const executablePath = process.env.SIO_CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launchPersistentContext(profile, { executablePath, args, ...options });
  later(t, () => browser.close());
  browser.setDefaultTimeout(60_000);
  return browser;
}
