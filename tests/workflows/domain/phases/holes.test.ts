import { designOf, holesOf } from '#workflows/domain/phases/holes.ts';
import { traceability } from '#workflows/domain/phases/traceability.ts';
import { exampleOutputs } from '#tests/support/phases.ts';

const whole = { design: 1, tasks: 2, criteria: 2, tested: 2, done: true, commits: 1 };

test.each([
  [{}, []],
  [{ design: 0 }, ['design']],
  [{ tasks: 0, done: false, commits: 0 }, ['task']],
  [{ tested: 1 }, ['test']],
  [{ criteria: 0, tested: 0 }, ['test']],
  [{ commits: 0 }, ['commit']],
  [{ commits: 0, done: false }, []],
  // Nothing lacks of a phase that has not passed.
  [{ design: undefined, tasks: undefined, done: false, commits: 0 }, []],
])('[PLAN-14] with %j the holes of a requirement are %j', (changes, holes) => {
  expect(holesOf({ ...whole, ...changes })).toEqual(holes);
});

test('[PLAN-14] the design of a requirement is where its tasks work, or what names it', () => {
  const { requirements, design, tasks } = exampleOutputs();
  const [row] = traceability(requirements, tasks).matrix;
  const requirement = requirements.requirements.find((one) => one.id === row?.requirement_id)!;
  const [part] = design.components;
  const none = { ...design, components: [{ ...part!, file_path: 'elsewhere.js', description: '' }] };
  expect(designOf(requirement, row!.covered_by_tasks, none, tasks)).toEqual([]);
  const own = tasks.tasks.find((task) => row!.covered_by_tasks.includes(task.id))!;
  const [file] = [...own.files_to_create, ...own.files_to_modify];
  const there = { ...none, components: [{ ...none.components[0]!, file_path: file! }] };
  expect(designOf(requirement, row!.covered_by_tasks, there, tasks)).toEqual([part!.name]);
  const named = { ...none, components: [{ ...none.components[0]!, description: `Serves ${requirement.id}.` }] };
  expect(designOf(requirement, [], named, tasks)).toEqual([part!.name]);
});
