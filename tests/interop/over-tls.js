// Runs test files with TLS between their nodes and clients: node over-tls.js FILE…
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeCertificates } from "./lib/certificates.js";

const folder = mkdtempSync(path.join(tmpdir(), "sio-tls-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const { ca } = makeCertificates(folder);
// Read once, when Node.js starts: that is why these are processes of their own.
const env = { ...process.env, SIO_TLS: folder, NODE_EXTRA_CA_CERTS: ca };
const child = spawn(process.execPath, ["--test", "--test-reporter=tap", ...process.argv.slice(2)], { env, stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
const [code] = await once(child, "exit");
process.exit(code ?? 1);
