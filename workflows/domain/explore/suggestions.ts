import { foreign, isTest, keyFilesOf } from './key-files.ts';

const most = 6;
const isSource =
  /\.(c|cc|cpp|cs|dart|ex|exs|go|h|hpp|java|js|jsx|kt|lua|mjs|php|pl|py|rb|rs|scala|sh|sql|svelte|swift|ts|tsx|vue|zig)$/i;

/** Folders of sources with how many files they and their folders have, largest first. One that is all of another is left out. */
function folders(paths: readonly string[]): [folder: string, files: number][] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const parts = path.split('/').slice(0, -1);
    for (let end = 1; end <= Math.min(3, parts.length); end += 1) {
      const folder = parts.slice(0, end).join('/');
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
  }
  // A folder that holds nearly everything says nothing.
  return [...counts]
    .filter(([, files]) => files > 1 && files <= 0.7 * paths.length)
    .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}

/**
 * Questions about this code base, made from its files: where it begins, its largest parts, its commands, and what no
 * test is named after.
 * @param scripts names of the scripts of its package.json.
 */
export function suggestQuestions(paths: readonly string[], scripts: readonly string[] = []): string[] {
  const sources = paths.filter((path) => isSource.test(path) && !foreign.test(path));
  const tests = sources.filter(isTest);
  const code = sources.filter((path) => !isTest(path));
  const entry = keyFilesOf(code).find(({ why }) => why.includes('begins'));
  const parts = folders(code);
  const [first, second] = parts;
  const named = (path: string) => path.split('/').at(-1)?.split('.')[0]?.toLowerCase() ?? '';
  const tested = new Set(tests.map((path) => named(path).replace(/^test_|[_-]test$|[_-]spec$/g, '')));
  const untested = tests.length > 0 ? code.find((path) => path !== entry?.path && !tested.has(named(path))) : undefined;
  const script = scripts.find((name) => !/^(test|lint|format|prepare|pre|post)/.test(name));
  return [
    entry && `What happens when ${entry.path} starts, step by step?`,
    first && `How does ${first[0]}/ work (${first[1]} files), and what uses it?`,
    second && `How do ${first?.[0]}/ and ${second[0]}/ depend on each other?`,
    untested && `What does ${untested} do, and does any test cover it?`,
    script && `What does the script "${script}" do, and which files does it touch?`,
    tests[0] && `How are the tests set up, for example ${tests[0]}, and how do I add one?`,
    code.length > 0 && parts.length === 0 && `What does ${code[0]} do?`,
  ]
    .filter((question): question is string => Boolean(question))
    .slice(0, most);
}
