import { fileRisk } from '#workflows/domain/merge/risk.ts';

const file = (path: string, change: Partial<Parameters<typeof fileRisk>[0]> = {}) => ({
  path,
  change_type: 'modified' as const,
  lines_added: 3,
  lines_removed: 1,
  ...change,
});

describe('the risk of a changed file', () => {
  test.each([
    ['src/cart.ts', {}, 'low', []],
    ['docs/payments.md', {}, 'low', []],
    ['src/author.ts', {}, 'low', []],
    ['src/auth.ts', {}, 'high', ['is about access, secrets or money']],
    ['src/passwordReset.ts', {}, 'high', ['is about access, secrets or money']],
    ['src/billing/total.ts', {}, 'high', ['is about access, secrets or money']],
    ['tests/auth.test.ts', {}, 'low', []],
    ['tests/auth.test.ts', { lines_removed: 9 }, 'high', ['takes lines out of a test']],
    ['tests/auth.test.ts', { change_type: 'deleted' as const }, 'high', ['deletes a test']],
    ['db/migrations/001.js', {}, 'high', ['changes the database']],
    ['schema.prisma', {}, 'high', ['changes the database']],
    ['.github/workflows/ci.yml', {}, 'high', ['changes how the project is built or delivered']],
    ['package.json', {}, 'high', ['changes dependencies']],
    ['src/old.ts', { change_type: 'deleted' as const }, 'medium', ['deletes a file']],
    ['logo.png', { binary: true, lines_added: 0, lines_removed: 0 }, 'medium', ['is a binary file']],
    ['src/cart.ts', { lines_added: 150 }, 'medium', ['changes 151 lines']],
    ['src/cart.ts', { lines_added: 500 }, 'high', ['changes 501 lines']],
    ['README.md', { lines_added: 500 }, 'low', []],
  ] as const)('%s %j is %s', (path, change, level, reasons) => {
    expect(fileRisk(file(path, change))).toEqual({ level, mechanical: false, reasons });
  });

  test.each([
    ['package-lock.json', { lines_added: 9000 }],
    ['api/Cargo.lock', {}],
    ['src/__snapshots__/cart.test.ts.snap', {}],
    ['vendor/lib/auth.go', {}],
    ['src/moved.ts', { change_type: 'renamed' as const, lines_added: 0, lines_removed: 0 }],
  ] as const)('%s %j is mechanical', (path, change) => {
    expect(fileRisk(file(path, change))).toEqual({ level: 'low', mechanical: true, reasons: [] });
  });
});
