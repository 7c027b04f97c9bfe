import { designFor } from '#workflows/domain/tasks/context.ts';
import { design as phase, type DesignOutput } from '#workflows/domain/phases/design.ts';

const component = (name: string, file: string, dependencies: string[] = []) => ({
  name,
  type: 'module',
  file_path: file,
  description: '',
  responsibility: `Does ${name}.`,
  interfaces: [{ method: `${name}(id)`, inputs: { id: 'string' }, outputs: { jobId: 'string' } }],
  dependencies,
});

const design = phase.schema.parse({
  feature_name: 'Exports',
  architecture_overview: 'A queue of exports.',
  architecture_diagram: '',
  components: [
    component('createExport', 'src/exports.js', ['store']),
    component('store', 'src/store.js'),
    component('ExportPage', 'web/', ['createExport']),
    component('mailer', 'src/mail.js'),
  ],
  data_models: [{ name: 'Export', table_name: 'exports', description: '', fields: { job_id: 'uuid' } }],
  api_endpoints: [
    { method: 'POST', path: '/exports', description: 'Starts one', response_schema: { jobId: 'string' } },
  ],
  error_handling: { not_found: '404' },
  testing_strategy: 'node --test',
}) as DesignOutput;

test("the builder of a component is given its interfaces and those of its neighbours, but no stranger's", () => {
  const text = designFor(design, ['src/exports.js']) ?? '';
  const [own = '', beside = ''] = text.split('## Neighbouring components');
  expect(own).toContain('A queue of exports.');
  expect(own).toContain('createExport(id)');
  expect(own).toContain('inputs: {id: string}; outputs: {jobId: string}');
  expect(beside).toContain('store(id)');
  expect(beside).toContain('ExportPage(id)');
  expect(text).not.toContain('mailer');
});

test('models, endpoints, errors, tests and conventions are part of the contract', () => {
  const conventions = { naming: 'camelCase', testing: '', patterns: [] };
  const text = designFor(design, ['web/page.js'], { conventions, test_structure: 'tests beside the code' }) ?? '';
  for (const part of ['ExportPage(id)', 'fields: {job_id: uuid}', 'path: /exports', 'not_found: 404', 'node --test'])
    expect(text).toContain(part);
  expect(text).toContain('naming: camelCase');
  expect(text).not.toContain('patterns');
  expect(text).toContain('tests beside the code');
});

test('a design without details has no empty sections, and no design is none', () => {
  expect(designFor(phase.schema.parse({}) as DesignOutput, [])).not.toContain('##');
  expect(designFor(undefined, [])).toBeNull();
});
