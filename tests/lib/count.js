// Reads what `ctest -V` printed and adds up the single checks: those of cmocka, of node:test, and, for a
// test that died without a summary, the test itself. Ends with the line `N passed, N failed`.
//   node tests/lib/count.js LOG…
import { readFileSync } from "node:fs";

let passed = 0, failed = 0;
const broken = [];
for (const log of process.argv.slice(2)) {
  const tests = new Map();
  const of = (number) => tests.get(number) ?? tests.set(number, { passed: 0, failed: 0 }).get(number);
  for (const line of readFileSync(log, "utf8").split("\n")) {
    const output = /^(\d+): (.*)$/.exec(line);
    const verdict = /^ *\d+\/\d+ Test +#(\d+): (\S+) \.+ *(.*?) +[\d.]+ sec/.exec(line);
    const plain = /^check: (ok|failed) (.*)$/.exec(line);
    if (output) {
      const cmocka = /^\[  (PASSED|FAILED)  \] (\d+) test\(s\)/.exec(output[2]);
      const tap = /^# (pass|fail|cancelled) (\d+)$/.exec(output[2]);
      if (cmocka) of(output[1])[cmocka[1] === "PASSED" ? "passed" : "failed"] += Number(cmocka[2]);
      if (tap) of(output[1])[tap[1] === "pass" ? "passed" : "failed"] += Number(tap[2]);
    } else if (verdict) {
      const result = of(verdict[1]);
      const good = verdict[3] === "Passed";
      if (!good) broken.push(`${verdict[2]}: ${verdict[3]}`);
      if (good && result.passed === 0) result.passed = 1;
      if (!good && result.failed === 0) result.failed = 1;
    } else if (plain) {
      of(plain[2])[plain[1] === "ok" ? "passed" : "failed"] += 1;
      if (plain[1] !== "ok") broken.push(plain[2]);
    }
  }
  for (const result of tests.values()) {
    passed += result.passed;
    failed += result.failed;
  }
}
for (const name of broken) console.log(`not passed: ${name}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
