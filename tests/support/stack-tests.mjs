import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const imports = /\bfrom\s+'([#.][^']+)'|\bimport\s+'([#.][^']+)'/g;
/** The shared stack, and the class that starts another one. */
const stackModules = ['tests/support/shared.ts', 'tests/support/stack.ts'];

/** The test files of a folder, by their path from the root. */
function* testFiles(root, folder) {
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* testFiles(root, name);
    else if (name.endsWith('.test.ts')) yield name;
  }
}

/**
 * The tests that use a stack: every file that imports tests/support/shared.ts or stack.ts, directly or through other
 * files of tests/. Jest's project `stack` runs these; all others need no stack and belong to `unit` or, by their
 * folder, to `adapters`. A new test needs no entry.
 */
export function stackTests(root) {
  const known = new Map();
  const usesStack = (file) => {
    if (stackModules.includes(file)) return true;
    if (!known.has(file)) {
      known.set(file, false);
      const text = existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : '';
      const targets = [...text.matchAll(imports)]
        .map(([, from, bare]) => from ?? bare)
        .map((name) => (name.startsWith('#') ? name.slice(1) : path.posix.join(path.posix.dirname(file), name)))
        .filter((name) => name.startsWith('tests/'));
      known.set(file, targets.some(usesStack));
    }
    return known.get(file);
  };
  return [...testFiles(root, 'tests')].filter(usesStack);
}
