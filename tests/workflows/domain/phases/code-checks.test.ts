import { checkVetoes, interfaceVetoes } from '#workflows/domain/phases/code-checks.ts';
import { exampleOutput, examplePhases, judge } from '#tests/support/phases.ts';

const base = { paths: new Set(['src/app.js', 'test/tasks.test.js', 'package.json']), scripts: ['test'] };
const { tasks: all } = examplePhases.tasks;

/** The plan whose first task has this check. */
const withCheck = (check: string, more: object = {}) =>
  exampleOutput('tasks', {
    tasks: [{ ...all[0], acceptance_criteria: [{ text: 'It holds', check }], ...more }, ...all.slice(1)],
  });

describe('a check of a task', () => {
  test.each([
    ['a file at the base', 'node --test test/tasks.test.js'],
    ['a file that another task creates', 'node --test test/export.test.js'],
    ['a test within a file', 'pytest test/tasks.test.js::test_one'],
    ['a script of package.json', 'npm test'],
    ['a script by its name', 'npm run test -- --watch=false'],
    ['files of another folder', 'cd packages/a && node --test src/b.test.js'],
    ['a pattern', 'node --test "test/*.test.js"'],
    ['a command without files', 'make check'],
    ['an address', 'curl http://localhost/a/b.js'],
  ])('starts: %s', (_what, check) => {
    expect(checkVetoes(withCheck(check), base)).toEqual([]);
  });

  test.each([
    ['a file that nobody creates', 'node --test test/other.test.js', 'test/other.test.js'],
    ['a script that is not there', 'npm run lint', 'the script lint'],
    ['a test within such a file', 'pytest tests/test_other.py::test_one', 'tests/test_other.py'],
  ])('does not start: %s', (_what, check, missing) => {
    expect(checkVetoes(withCheck(check), base)).toEqual([
      { code: 'check_cannot_start', message: expect.stringContaining(`${missing} does not exist`), ids: ['TSK-001'] },
    ]);
  });

  test('starts with a script that the plan adds, and where the scripts are not known', () => {
    expect(checkVetoes(withCheck('npm run lint', { files_to_modify: ['package.json'] }), base)).toEqual([]);
    expect(checkVetoes(withCheck('npm run lint'), { paths: base.paths })).toEqual([]);
  });

  test('fails the gate of the tasks', () => {
    const { passed, vetoes } = judge('tasks', withCheck('node --test test/other.test.js'), undefined, [...base.paths]);
    expect(passed).toBe(false);
    expect(vetoes.map(({ code }) => code)).toEqual(['check_cannot_start']);
  });
});

describe('an interface that a component uses', () => {
  const without = exampleOutput('tasks', {
    tasks: [{ ...all[0], files_to_create: ['src/other.js'] }, ...all.slice(1)],
  });
  const design = exampleOutput('design');

  test('is created by a task, or is at the base', () => {
    expect(interfaceVetoes(exampleOutput('tasks'), design, base)).toEqual([]);
    expect(interfaceVetoes(without, design, { paths: new Set(['src/domain/csv.js']) })).toEqual([]);
  });

  test('is made by nobody', () => {
    expect(interfaceVetoes(without, design, base)).toEqual([
      {
        code: 'interface_not_made',
        message:
          'export route uses csv of the design, whose file src/domain/csv.js does not exist and is created by no task.',
        ids: ['csv'],
      },
    ]);
    expect(interfaceVetoes(without, undefined, base)).toEqual([]);
  });
});
