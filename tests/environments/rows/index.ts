import type { Row } from '../row.ts';
import { compiled, goFiles } from './compiled.ts';
import { node } from './node.ts';
import { python } from './python.ts';

const [npm] = node;

const both: Row = {
  name: 'a monorepo of npm and Go, one test red',
  files: {
    ...goFiles('api/'),
    ...Object.fromEntries(Object.entries(npm?.files ?? {}).map(([name, text]) => [`web/${name}`, text])),
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

/** The table of small real projects. The slowest begin first. */
export const rows: Row[] = [...compiled, both, ...python, ...node];
