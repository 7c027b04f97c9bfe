import type { Row } from '../row.ts';
import { compiled, goFiles } from './compiled.ts';
import { node } from './node.ts';
import { python } from './python.ts';

const [npm] = node;
const make = compiled.find(({ roots }) => roots[0]?.kind === 'make');
const below = (folder: string, row: Row | undefined) =>
  Object.fromEntries(Object.entries(row?.files ?? {}).map(([name, text]) => [`${folder}/${name}`, text]));

const npmAndGo: Row = {
  name: 'a monorepo of npm and Go, one test red',
  slow: true,
  needs: ['go'],
  files: {
    ...goFiles('api/'),
    ...below('web', npm),
  },
  lock: [
    { command: ['go', 'mod', 'tidy'], cwd: 'api' },
    { command: ['npm', 'install', '--package-lock-only'], cwd: 'web' },
  ],
  roots: [
    {
      path: 'api',
      kind: 'go',
      setup: ['go mod download', "go list -e -export -test -deps -f '' ./..."],
      checks: [
        { command: 'go test ./...', state: 'passed', tests: 1 },
        { command: 'go vet ./...', state: 'passed', tests: null },
      ],
    },
    ...(npm?.roots ?? []).map((root) => ({ ...root, path: 'web' })),
  ],
  edits: { 'web/src/more.js': 'export const more = 1;\n' },
  command: '(cd api && go test ./...) && node --test web/test/lengths.test.js',
};

const npmAndC: Row = {
  name: 'a monorepo of npm and C, two tests red',
  needs: ['make', 'cc'],
  files: { ...below('core', make), ...below('web', npm) },
  lock: [{ command: ['npm', 'install', '--package-lock-only'], cwd: 'web' }],
  roots: [
    ...(make?.roots ?? []).map((root) => ({ ...root, path: 'core' })),
    ...(npm?.roots ?? []).map((root) => ({ ...root, path: 'web' })),
  ],
  edits: { 'web/src/more.js': 'export const more = 1;\n', 'core/product.c': make?.edits['product.c'] ?? '' },
  command: '(cd core && cc -Wall -c -o /tmp/product.o product.c) && node --test web/test/lengths.test.js',
};

/** The table of small real projects. The slowest begin first. */
export const rows: Row[] = [...compiled, npmAndGo, npmAndC, ...python, ...node];
