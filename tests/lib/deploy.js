// The configurations of deploy/ for real programs on this machine: changed in nothing but addresses, files and ports.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./files.js";

// Where the programs are, whatever the caller's PATH is.
export const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };

export const addresses = ["10.0.0.11:3000", "10.0.0.12:3000", "10.0.0.13:3000"];

// A copy of deploy/FILE in that folder; each text of `changes` has to be in it.
export function configure(folder, file, changes) {
  let text = readFileSync(path.join(root, "deploy", file), "utf8");
  for (const [what, by] of Object.entries(changes)) {
    if (!text.includes(what)) throw new Error(`deploy/${file} has no ${what}`);
    text = text.replaceAll(what, by);
  }
  const config = path.join(folder, file);
  writeFileSync(config, text);
  return config;
}

// Files of its own, where nginx would take the system's.
export const nginxPlaces = (folder) =>
  ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");

export const nginxArgs = (config, folder) =>
  ["-e", "stderr", "-p", folder, "-c", config, "-g", `daemon off; pid ${folder}/pid; ${process.getuid() === 0 ? "user root;" : ""}`];

// What makes nginx-tls.conf work here: `hosts` of the nodes, ports for TLS and for none.
export const nginxChanges = (hosts, [port, plain], folder, { cert, key }) => ({
  ...Object.fromEntries(addresses.map((name, i) => [name, hosts[i]])), "http {": `http { ${nginxPlaces(folder)}`,
  "listen 80": `listen 127.0.0.1:${plain}`, "listen 443": `listen 127.0.0.1:${port}`, "https://$host$": `https://127.0.0.1:${port}$`,
  "/etc/ssl/chat/fullchain.pem": cert, "/etc/ssl/chat/key.pem": key,
});
