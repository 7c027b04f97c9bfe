import fc from 'fast-check';
import { readSpecFiles, specFiles } from '#server/usecases/spec-files.ts';
import { exampleOutputs } from '#tests/support/phases.ts';

const spec = { id: '1', status: 'executing', progress: 42, version: 3 };

/** Outputs of the example with other words and ids, as long as no two items have one id. */
const outputs = fc
  .record({
    words: fc.array(fc.string({ unit: 'grapheme' }), { minLength: 30, maxLength: 30 }),
    lines: fc.array(fc.stringMatching(/^[-:#'"|>\n \ta-c]*$/), { minLength: 10, maxLength: 10 }),
    ids: fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 7, maxLength: 7 }),
  })
  .map(({ words, lines, ids }) => {
    const outputs = exampleOutputs();
    const [word, text, id] = [words, lines, ids].map((all) => {
      let at = 0;
      return () => all[(at += 1) % all.length] ?? '';
    }) as [() => string, () => string, () => string];
    const { requirements, tasks } = outputs;
    requirements.feature_name = word();
    requirements.assumptions = [word(), text()];
    for (const item of requirements.requirements) Object.assign(item, { id: id(), title: word(), text: text() });
    for (const item of [...tasks.tickets, ...tasks.tasks])
      Object.assign(item, { id: id(), title: text(), description: `${word()}\n---\n${text()}` });
    outputs.design.architecture_overview = `${text()}\n---\n${word()}`;
    return { title: word(), description: `${text()}\n---\n${word()}`, outputs };
  });

test('[PLAN-21] a spec that is exported as files and read again is the same, whatever its words', () => {
  fc.assert(
    fc.property(outputs, ({ title, description, outputs }) => {
      const files = specFiles({ ...spec, title, description, outputs });
      expect(new Set(files.map(({ path }) => path.toLowerCase())).size).toBe(files.length);
      // Neither the order of the files nor how a program names them matters.
      const read = readSpecFiles(files.toReversed().map((file) => ({ ...file, path: `./${file.path}` })));
      expect(read).toEqual({ title, description, phases: outputs });
    }),
    { numRuns: 40 },
  );
});

test('[PLAN-21] a file that cannot be read is named, with what is wrong', () => {
  const files = specFiles({ ...spec, title: 'T', description: '', outputs: exampleOutputs() });
  const without = (path: string) => files.filter((file) => file.path !== path);
  const broken = (path: string, content: string) => [...without(path), { path, content }];
  const reading = (all: typeof files) => () => readSpecFiles(all);
  expect(reading(without('SPEC_SUMMARY.md'))).toThrow(/SPEC_SUMMARY\.md is missing/);
  expect(reading(broken('prd/prd.md', '# No data'))).toThrow(/prd\/prd\.md does not begin with front matter/);
  expect(reading(broken('prd/prd.md', '---\na: [\n---\n'))).toThrow(/prd\/prd\.md /);
  expect(reading(broken('tasks/TSK-001.md', '---\ntitle: x\n---\n'))).toThrow(/tasks\/TSK-001\.md has no id/);
});

test('[PLAN-21] an item whose file is deleted is gone, and one that was added comes last', () => {
  const files = specFiles({ ...spec, title: 'T', description: '', outputs: exampleOutputs() });
  const kept = files.filter(({ path }) => path !== 'tasks/TSK-001.md');
  const { phases } = readSpecFiles([{ path: 'tasks/a.md', content: '---\nid: TSK-009\n---\n' }, ...kept]);
  const { tasks } = phases.tasks as { tasks: { id: string }[] };
  expect(tasks.map(({ id }) => id)).toEqual(['TSK-002', 'TSK-003', 'TSK-009']);
});
