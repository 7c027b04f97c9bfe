import { parse } from 'yaml';
import { specFiles } from '#server/usecases/spec-files.ts';
import { exampleOutputs } from '#tests/support/phases.ts';

const spec = {
  id: '1',
  title: 'Export tasks',
  description: 'As CSV.\n---\nno: front matter',
  status: 'executing',
  progress: 42,
  version: 3,
};
const frontMatter = (content: string) => parse(content.split(/^---$/m)[1] ?? '') as Record<string, unknown>;

test('[PLAN-21] a spec is exported as files whose front matter holds all of its data', () => {
  const outputs = exampleOutputs();
  const files = specFiles({ ...spec, outputs });
  const named = (folder: string) => files.filter(({ path }) => path.startsWith(`${folder}/`));
  expect(frontMatter(files[0]?.content ?? '')).toMatchObject({ title: 'Export tasks', progress: 42, version: 3 });
  expect(files[0]?.content).toContain('> no: front matter');
  expect(named('requirements').map(({ content }) => frontMatter(content))).toEqual(outputs.requirements.requirements);
  expect(named('tickets').map(({ content }) => frontMatter(content))).toEqual(outputs.tasks.tickets);
  expect(named('tasks').map(({ content }) => frontMatter(content))).toEqual(outputs.tasks.tasks);
  expect(frontMatter(named('designs')[0]?.content ?? '')).toEqual(outputs.design);
  expect(frontMatter(named('prd')[0]?.content ?? '')).toEqual(outputs.prd);
});

test('[PLAN-21] an id of a model never leads out of its folder', () => {
  const outputs = exampleOutputs();
  const [first] = outputs.requirements.requirements;
  const requirements = ['../../.bashrc', '/etc/passwd', '..', 'a/b'].map((id) => ({ ...first!, id }));
  const files = specFiles({ ...spec, outputs: { requirements: { ...outputs.requirements, requirements } } });
  expect(files.slice(1).map(({ path }) => path)).toEqual([
    'requirements/-..-.bashrc.md',
    'requirements/-etc-passwd.md',
    'requirements/unnamed.md',
    'requirements/a-b.md',
  ]);
});

test('[PLAN-21] a draft is one file', () => {
  expect(specFiles({ ...spec, outputs: {} }).map(({ path }) => path)).toEqual(['SPEC_SUMMARY.md']);
});
