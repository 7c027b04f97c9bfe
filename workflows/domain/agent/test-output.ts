/** Messages of common test runners when they ran no test. */
const nothingRan = [
  /^[#ℹ] tests 0\b/m, // node --test
  /^[#ℹ] pass 0\b/m,
  /^1\.\.0\b/m, // TAP
  /\bno tests? (?:found|ran|run|to run|executed|collected)\b/i, // jest, pytest, go, phpunit
  /\bno test files?\b/i, // vitest, go
  /\bcollected 0 items\b/, // pytest
  /^=*\s*\d+ (?:skipped|deselected)\b[^\n]* in [\d.]+s/m,
  /^\s*Tests:?\s+(?:0 (?:total|passed)|no tests|(?:\d+ (?:skipped|todo)[,| ]*)+(?:\d+ total|\(\d+\)))/m, // jest, vitest
  /\b0 (?:passing|passed|pass|examples)\b/, // mocha, cargo, bun, rspec
  /\bRan 0 tests\b/, // unittest
  /\b(?:Tests run|Total tests|Passed): +0\b/, // maven, dotnet
];

/** Messages of common test runners when at least one test ran to its result. */
const someRan = [
  /^[#ℹ] (?:pass|fail) [1-9]/m,
  /^(?:not )?ok [1-9]/m,
  /\b[1-9]\d* (?:pass|passed|passing|failed|failing)\b/,
  /^ok\s+\S+\s+(?:\(cached\)|[\d.]+s)(?!.*\[no tests to run\])/m, // go
  /^\s*--- PASS: /m,
  /\b[1-9]\d* examples?, 0 failures/,
  /\bRan [1-9]\d* tests?\b/,
  /\bOK \([1-9]\d* tests?/, // phpunit
  /\b(?:Tests run|Passed): +[1-9]/,
];

/** Whether the output reports that no test ran. Output without any count is judged by its exit code alone. */
export const ranNoTests = (output: string): boolean =>
  nothingRan.some((sign) => sign.test(output)) && !someRan.some((sign) => sign.test(output));
