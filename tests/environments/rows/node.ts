import { nodeTest, type Row } from '../row.ts';

const lengths = "import ms from 'ms';\nexport const minutes = (n) => ms(`${n} minutes`);\n";

export const node: Row[] = [
  {
    name: 'npm with a dependency and a lock file, one test red',
    slow: true,
    files: {
      '.gitignore': 'node_modules/\n',
      'package.json':
        '{"name":"lengths","version":"1.0.0","type":"module","scripts":{"test":"node --test"},"dependencies":{"ms":"2.1.3"}}\n',
      'src/lengths.js': lengths,
      'test/lengths.test.js': nodeTest(
        'gives milliseconds',
        'assert.equal(minutes(2), 120000);',
        "import { minutes } from '../src/lengths.js';",
      ),
      'test/red.test.js': nodeTest('counts hours', "assert.equal(1 + 1, 3, 'not yet');"),
    },
    lock: [{ command: ['npm', 'install', '--package-lock-only'] }],
    roots: [
      {
        path: '',
        kind: 'npm',
        setup: ['npm ci'],
        checks: [{ command: 'npm test', state: 'failed', tests: 2, failing: ['test/red.test.js > counts hours'] }],
      },
    ],
    edits: { 'test/more.test.js': nodeTest('adds', 'assert.equal(1 + 1, 2);') },
    command: 'node --test test/lengths.test.js test/more.test.js',
  },
  {
    name: 'pnpm with a workspace of two packages',
    files: {
      '.gitignore': 'node_modules/\n',
      'package.json': '{"name":"all","version":"1.0.0","private":true}\n',
      'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
      'packages/lengths/package.json':
        '{"name":"lengths","version":"1.0.0","type":"module","main":"index.js","scripts":{"test":"node --test"},"dependencies":{"ms":"2.1.3"}}\n',
      'packages/lengths/index.js': lengths,
      'packages/lengths/lengths.test.js': nodeTest(
        'gives milliseconds',
        'assert.equal(minutes(2), 120000);',
        "import { minutes } from './index.js';",
      ),
      'packages/hours/package.json':
        '{"name":"hours","version":"1.0.0","type":"module","scripts":{"test":"node --test"},"dependencies":{"lengths":"workspace:*"}}\n',
      'packages/hours/hours.test.js': nodeTest(
        'counts an hour',
        'assert.equal(minutes(60), 3600000);',
        "import { minutes } from 'lengths';",
      ),
    },
    lock: [{ command: ['pnpm', 'install', '--lockfile-only'] }],
    roots: [
      {
        path: '',
        kind: 'pnpm',
        setup: ['pnpm install --frozen-lockfile'],
        checks: [
          { command: 'pnpm --dir packages/hours test', state: 'passed', tests: 1 },
          { command: 'pnpm --dir packages/lengths test', state: 'passed', tests: 1 },
        ],
      },
    ],
    edits: { 'packages/hours/more.test.js': nodeTest('adds', 'assert.equal(1 + 1, 2);') },
    command: 'pnpm -r test',
  },
  {
    name: 'npm without tests',
    files: {
      'package.json': '{"name":"page","version":"1.0.0","type":"module"}\n',
      'index.js': "console.log('hello');\n",
    },
    roots: [{ path: '', kind: 'npm', setup: [], checks: [], missing: ['tests'] }],
    edits: { 'more.js': "console.log('more');\n" },
    command: 'node more.js',
  },
];
