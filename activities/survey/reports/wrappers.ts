interface Unwrapped {
  words: string[];
  /** Number of words that were left out in front. */
  skipped: number;
  assignments: string[];
}

/** Commands that run the command behind them: the words that they take themselves, and options with a value. */
const wrappers: { words: string[]; valued?: RegExp; values?: number }[] = [
  {
    words: ['uv', 'run'],
    valued: /^(--(with|extra|group|python|directory|project|env-file|package|index)|-p|--only-group)$/,
  },
  ...['poetry', 'pipenv', 'pdm', 'rye', 'hatch', 'conda'].map((name) => ({ words: [name, 'run'] })),
  { words: ['bundle', 'exec'] },
  { words: ['mise', 'exec'] },
  { words: ['php'], valued: /^-[cd]$/ },
  ...['npm', 'pnpm', 'yarn', 'bun'].flatMap((name) => ['exec', 'x', 'dlx'].map((verb) => ({ words: [name, verb] }))),
  ...['npx', 'bunx', 'pnpx', 'xvfb-run', 'exec', 'command', 'nice', 'dotenv', 'cross-env', 'env', 'c8', 'nyc'].map(
    (name) => ({ words: [name] }),
  ),
  { words: ['timeout'], values: 1 },
  { words: ['coverage', 'run'] },
];

const assignment = /^[A-Za-z_]\w*=/s;
const interpreter = /^(python[\d.]*|py)$/;
const node = /^(node|tsx|ts-node)$/;
const packaged = /node_modules\/(?:\.bin\/)?(?:@[\w.-]+\/)?([\w-]+)/;

/** Leaves out what only starts another program, so that the first word is the program that runs the tests. */
export function unwrap(all: string[]): Unwrapped {
  const assignments: string[] = [];
  let at = 0;
  for (;;) {
    while (assignment.test(all[at] ?? '')) assignments.push(all[at++] ?? '');
    const wrapper = wrappers.find(({ words }) => words.every((word, i) => all[at + i]?.replace(/^.*\//, '') === word));
    if (!wrapper) break;
    let next = at + wrapper.words.length;
    while (all[next]?.startsWith('-') && all[next] !== '-m') next += wrapper.valued?.test(all[next] ?? '') ? 2 : 1;
    next += wrapper.values ?? 0;
    if (next >= all.length) break;
    at = next;
    if (all[at] === '-m') at += 1;
  }
  const words = all.slice(at);
  const first = words[0]?.replace(/^.*\//, '') ?? '';
  // `python -W error -m pytest` and `node --flag node_modules/jest/bin/jest.js` run pytest and jest.
  const module = interpreter.test(first) ? words.indexOf('-m') : -1;
  if (module > 0 && module < 6 && words.length > module + 1)
    return { words: words.slice(module + 1), skipped: at + module + 1, assignments };
  const file = node.test(first) ? words.findIndex((word, i) => i > 0 && !word.startsWith('-')) : -1;
  const tool = packaged.exec(words[file] ?? '')?.[1] ?? packaged.exec(words[0] ?? '')?.[1];
  if (file > 0 && tool) return { words: [tool, ...words.slice(file + 1)], skipped: at + file, assignments };
  return { words, skipped: at, assignments };
}
