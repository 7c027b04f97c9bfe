import { z } from 'zod';
import { flag, ids, mapping, notes, text } from './fields.ts';
import { chapterList, chapterTable, fenced, plain } from './markdown-blocks.ts';
import type { PhaseDefinition } from './phase.ts';
import { phasePrompt } from './prompt.ts';
import { byCount, everyItem, given, partsGiven, textCredit } from './scoring.ts';

const component = z.strictObject({
  name: text,
  type: text,
  file_path: text,
  description: text,
  responsibility: text,
  interfaces: z
    .array(z.strictObject({ method: text, inputs: z.unknown().optional(), outputs: z.unknown().optional() }))
    .default([]),
  dependencies: ids,
});

const dataModel = z.strictObject({
  name: text,
  table_name: text,
  description: text,
  fields: z.record(z.string(), z.string()).default({}),
  indexes: notes,
  relationships: notes,
});

const endpoint = z.strictObject({
  method: text,
  path: text,
  description: text,
  auth_required: flag.optional(),
  request_schema: z.unknown().optional(),
  response_schema: z.unknown().optional(),
  error_responses: z.unknown().optional(),
});

const schema = z.strictObject({
  feature_name: text,
  architecture_overview: text,
  architecture_diagram: text,
  components: z.array(component).default([]),
  data_models: z.array(dataModel).default([]),
  api_endpoints: z.array(endpoint).default([]),
  integration_points: notes,
  error_handling: mapping,
  testing_strategy: z.union([z.strictObject({ unit_tests: notes, integration_tests: notes }), z.string()]).prefault({}),
  security_considerations: notes,
  migration_plan: mapping,
});

/** The parts of a design that people may replace. */
export const designParts = Object.keys(schema.shape) as (keyof typeof schema.shape)[];

export type DesignOutput = z.output<typeof schema>;

const task = `Design the smallest change that meets the requirements, in the style of this repository.

- Prefer what is there: extend a file before you add one, add one before you add a dependency. Nothing for later.
- Overview of the architecture: 300 to 500 words. What changes where, how the parts work together, which alternative was rejected and why. A Mermaid diagram of the parts.
- Components: name, type, file path, responsibility, interfaces, dependencies. Say what each does, not its code.
- Data models and endpoints only where the feature changes them.
- Error handling by kind of error, integration points, at least 2 security considerations, how data is migrated and rolled back.
- Testing strategy: unit and integration tests by name, and the command that runs them.

At most 50 KB in all.`;

const brief =
  'The smallest change in the style of this repository: extend a file before you add one. architecture_overview in a paragraph: what changes where, and the alternative that was rejected. components with name, file_path, responsibility and interfaces; data_models and api_endpoints only where they change; integration_points, error_handling by kind of error, at least 2 security_considerations, testing_strategy (unit_tests, integration_tests).';

export const design: PhaseDefinition<'design', DesignOutput> = {
  id: 'design',
  schema,
  inputs: ['explore', 'requirements'],
  instructions: (request) => phasePrompt(design, request, task),
  brief,
  score: (output) => [
    { name: 'feature_name', weight: 0.05, value: given(output.feature_name) ? 1 : 0.5, note: 'feature_name' },
    {
      name: 'overview',
      weight: 0.15,
      value: textCredit(output.architecture_overview, 100),
      note: 'architecture_overview of more than 100 characters',
    },
    everyItem(
      'components',
      0.2,
      output.components,
      (item) => given(item.name) && given(item.responsibility),
      'components with name and responsibility',
    ),
    everyItem(
      'data_models',
      0.15,
      output.data_models,
      (item) => given(item.name) && given(item.fields),
      'data_models with name and fields',
      { empty: 0.3 },
    ),
    everyItem(
      'endpoints',
      0.15,
      output.api_endpoints,
      (item) => [item.method, item.path, item.description].every(given),
      'api_endpoints with method, path, description',
      { empty: 0.3 },
    ),
    {
      name: 'testing',
      weight: 0.1,
      value: testingCredit(output.testing_strategy),
      note: 'testing_strategy: unit_tests, integration_tests',
    },
    { name: 'errors', weight: 0.08, value: given(output.error_handling) ? 1 : 0.3, note: 'error_handling' },
    {
      name: 'security',
      weight: 0.07,
      value: byCount(output.security_considerations, 0.3, 0.7, 1),
      note: 'at least 2 security_considerations',
    },
    {
      name: 'integration',
      weight: 0.05,
      value: given(output.integration_points) ? 1 : 0.5,
      note: 'integration_points',
    },
  ],
  vetoes: () => [],
  chapter: designChapter,
};

function testingCredit(strategy: DesignOutput['testing_strategy']): number {
  if (typeof strategy === 'string') return given(strategy) ? 0.7 : 0;
  return partsGiven(strategy.unit_tests, strategy.integration_tests);
}

function designChapter(design: DesignOutput): string[] {
  const { testing_strategy: testing } = design;
  return [
    '## Design',
    design.architecture_overview,
    design.architecture_diagram ? fenced('mermaid', design.architecture_diagram) : '',
    ...chapterTable(
      '### Components',
      ['Component', 'File', 'Responsibility'],
      design.components.map((item) => [item.name, item.file_path, item.responsibility]),
    ),
    ...chapterTable(
      '### Data models',
      ['Model', 'Fields'],
      design.data_models.map((item) => [
        item.name,
        Object.entries(item.fields)
          .map(([name, type]) => `${name}: ${type}`)
          .join(', '),
      ]),
    ),
    ...chapterTable(
      '### Endpoints',
      ['Method', 'Path', 'Description'],
      design.api_endpoints.map((item) => [item.method, item.path, item.description]),
    ),
    ...chapterTable(
      '### Errors',
      ['Error', 'Handling'],
      Object.entries(design.error_handling).map(([name, handling]) => [name, plain(handling)]),
    ),
    ...chapterList('### Security', design.security_considerations),
    ...(typeof testing === 'string'
      ? chapterList('### Tests', testing ? [testing] : [])
      : chapterList('### Tests', [...testing.unit_tests, ...testing.integration_tests])),
  ];
}
