// A certificate authority made on the spot, and a certificate of it for this machine's own addresses.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

function openssl(...args) {
  const { status, stderr, error } = spawnSync("openssl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${error?.message ?? stderr}`);
}

function sign(folder, name, subject, ...more) {
  const [key, cert] = [`${name}-key.pem`, `${name}.pem`].map((file) => path.join(folder, file));
  openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", `/CN=${subject}`, "-keyout", key, "-out", cert, ...more);
  return { key, cert };
}

// A certificate of that authority for the names and addresses, or one that has run out: paths of PEM files.
export function issue(folder, authority, name, { names = [], expired = false } = {}) {
  const [key, request, cert, extensions] = ["-key.pem", ".csr", ".pem", ".ext"].map((end) => path.join(folder, name + end));
  openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", `/O=sio/CN=${name}`, "-keyout", key, "-out", request);
  writeFileSync(extensions, names.length ? `subjectAltName=${names.map((one) => `${isIP(one) ? "IP" : "DNS"}:${one}`).join(",")}\n` : "basicConstraints=CA:FALSE\n");
  const sign = (...dates) => openssl("x509", "-req", "-in", request, "-CA", authority.cert, "-CAkey", authority.key, "-CAcreateserial", "-out", cert, "-extfile", extensions, ...dates);
  try {
    sign("-days", expired ? "-1" : "2");
  } catch {
    sign("-not_before", "20200101000000Z", "-not_after", "20200102000000Z"); // newer ones count forward only
  }
  return { key, cert };
}

// Paths of PEM files in that folder: of the authority `ca`, of the server `cert`, `key`, and both of them in `all`.
export function makeCertificates(folder) {
  const authority = sign(folder, "ca", "sio tests");
  const server = sign(folder, "server", "localhost", "-CA", authority.cert, "-CAkey", authority.key,
    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1", "-addext", "basicConstraints=critical,CA:FALSE");
  const all = path.join(folder, "all.pem");
  writeFileSync(all, readFileSync(server.cert) + readFileSync(server.key));
  return { folder, ca: authority.cert, caKey: authority.key, cert: server.cert, key: server.key, all };
}

let made;

// The same for all tests of a process; with `authority`, what clients are to trust.
export function certificates() {
  if (made) return made;
  const folder = mkdtempSync(path.join(tmpdir(), "sio-tls-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const files = makeCertificates(folder);
  made = { ...files, authority: readFileSync(files.ca) };
  return made;
}
