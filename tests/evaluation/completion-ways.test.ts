import { leftovers } from '#workflows/domain/agent/leftovers.ts';
import { codes, patch, ran } from './support/completion-facts.ts';

describe('a claim has a way to succeed', () => {
  test('evidence without an id is matched by its command, and an unknown id too', () => {
    expect(codes({ evidence: [{ criterion_id: 'AC-1', command: 'node --test' }] })).toEqual([]);
    expect(codes({ evidence: [{ criterion_id: 'AC-1', command: 'node --test', tool_use_id: 'made up' }] })).toEqual([]);
  });

  test('evidence that does not count spoils no claim that is proven without it', () => {
    const good = { criterion_id: 'AC-1', tool_use_id: 'toolu_1' };
    expect(codes({ evidence: [good, { criterion_id: 'AC-1', command: 'npm run never' }] })).toEqual([]);
    expect(codes({ evidence: [{ command: 'npm run never' }, { command: 'node --test' }] })).toEqual([]);
    expect(codes({ criteria: [], evidence: [{ command: 'npm run never' }] })).toEqual(['not_run']);
  });

  test('files that later checks write make no earlier check stale, and a change by hand does', () => {
    const unit = ran({ tool_use_id: 'unit', command: 'npm test', tree_before: 'a', tree_after: 'b' });
    const types = ran({
      tool_use_id: 'types',
      command: 'npx tsc --noEmit',
      tree_before: 'b',
      tree_after: 'tree',
      output: '',
    });
    const both = ['unit', 'types'].map((id) => ({ criterion_id: 'AC-1', tool_use_id: id }));
    for (const evidence of both) expect(codes({ evidence: [evidence], commands: [types, unit] })).toEqual([]);
    const edited = { ...types, tree_before: 'edited by hand' };
    expect(codes({ evidence: both.slice(0, 1), commands: [edited, unit] })).toEqual(['stale', 'unproven']);
    const script = { ...types, command: 'node scripts/rewrite.js' };
    expect(codes({ evidence: both.slice(0, 1), commands: [script, unit] })).toContain('stale');
  });

  test('removed tests that a reason names are left to the reviewer', () => {
    const removed = patch('test/old.test.js', ["-test('adds', () => {});"], 'deleted');
    expect(codes({ patch: removed })).toEqual(['test_removed']);
    for (const named of ["'adds' of the calculator, which the task removes.", 'All of test/old.test.js: see the task.'])
      expect(codes({ patch: removed, removed_tests: named })).toEqual([]);
    for (const reason of [' ', 'The task removes the calculator.'])
      expect(codes({ patch: removed, removed_tests: reason })).toEqual(['test_removed']);
    const two = patch('test/old.test.js', ["-test('adds', () => {});", "-test('divides', () => {});"]);
    expect(codes({ patch: two, removed_tests: 'adds: the task removes it.' })).toEqual(['test_removed']);
    expect(codes({ patch: two, removed_tests: 'adds and divides: the task removes them.' })).toEqual([]);
    const java = patch('src/test/java/CartTest.java', ['-  @Test', '-  void adds() {']);
    expect(codes({ patch: java, removed_tests: 'CartTest: there is no cart any more.' })).toEqual([]);
    const skipped = patch('test/cart.test.js', ["+test.skip('adds', () => {});"]);
    expect(codes({ patch: skipped, removed_tests: 'Not needed.' })).toEqual(['test_skipped']);
  });

  test.each([
    'uv run pytest -q',
    'poetry run pytest',
    'just test',
    'bazel test //...',
    'npx turbo run test',
    'nx run-many --target=test',
    'mix test',
    'swift test',
    'python manage.py test',
    './manage.py test shop',
    'ruff check .',
    'mypy src',
  ])('%s is a check that may write files of its own', (command) => {
    const commands = [ran({ command, tree_before: 'other', output: '' })];
    expect(codes({ commands, evidence: [{ criterion_id: 'AC-1', command }] })).toEqual([]);
  });

  test('new files that tools and experiments leave behind are found by their names', () => {
    const added = (path: string) => patch(path, ['+x'], 'new');
    const left = ['debug.py', 'out.log', 'api/node_modules/a/index.js', 'src/cart.js.orig', '.DS_Store'];
    const kept = ['src/debug.js', 'src/log.js', 'docs/tmp-files.md', 'test/cart.test.js', 'CHANGELOG.md'];
    expect(leftovers([...left, ...kept].map(added).join(''))).toEqual(left);
    expect(leftovers(patch('debug.py', ['+x']))).toEqual([]);
  });
});
