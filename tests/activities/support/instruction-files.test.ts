import { decidesRules, rootInstructions } from '#activities/support/instruction-files.ts';

/** The instructions of a commit that has these files. */
async function instructionsOf(files: Record<string, string>) {
  const found = await rootInstructions(
    {
      listFiles: async (_project, _sha, { prefix = '' } = {}) => {
        const paths = Object.keys(files).filter((file) => file.startsWith(prefix));
        return { paths, total: paths.length };
      },
      readFiles: async (_project, _sha, paths) =>
        new Map(paths.flatMap((file) => (file in files ? [[file, files[file]] as const] : []))),
    },
    'project',
    'sha',
  );
  return Object.fromEntries(found.map(({ path, text }) => [path, text]));
}

test('AGENTS.md comes before CLAUDE.md, and rules for other tools are read too', async () => {
  expect(
    await instructionsOf({
      'AGENTS.md': 'Two spaces.',
      'CLAUDE.md': 'Not read.',
      '.cursor/rules/api.mdc': 'No default exports.',
      '.github/copilot-instructions.md': 'Write tests.',
      'src/AGENTS.md': 'Read later.',
    }),
  ).toEqual({
    'AGENTS.md': 'Two spaces.',
    '.cursor/rules/api.mdc': 'No default exports.',
    '.github/copilot-instructions.md': 'Write tests.',
  });
});

test('imports of CLAUDE.md are followed within the repository, each once, and not in code', async () => {
  expect(
    await instructionsOf({
      'CLAUDE.md':
        'See @AGENT-RULES.md and @docs/style.md.\nWrite `@docs/not.md` to import. Mail me@docs/not.md. @../out.md',
      'AGENT-RULES.md': 'Rules. @CLAUDE.md',
      'docs/style.md': 'Style: @./names.md',
      'docs/names.md': 'English names.',
      'docs/not.md': 'Never read.',
    }),
  ).toEqual({
    'CLAUDE.md': expect.stringContaining('See @AGENT-RULES.md') as string,
    'AGENT-RULES.md': 'Rules. @CLAUDE.md',
    'docs/style.md': 'Style: @./names.md',
    'docs/names.md': 'English names.',
  });
});

test('a project without instructions has none', async () => {
  expect(await instructionsOf({ 'README.md': 'x' })).toEqual({});
});

test.each([
  'AGENTS.md',
  'src/CLAUDE.md',
  '.cursor/rules/a.mdc',
  'package.json',
  'api/Makefile',
  '.github/workflows/ci.yml',
])('%s decides rules, so a reviewer is shown its change', (file) => {
  expect(decidesRules(file)).toBe(true);
  expect(decidesRules(`${file}.js`)).toBe(file.startsWith('.cursor') || file.startsWith('.github/workflows'));
});
