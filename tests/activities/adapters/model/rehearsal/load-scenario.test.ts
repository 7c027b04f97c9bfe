import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadScenarios } from '#activities/adapters/model/rehearsal/load-scenario.ts';
import { sampleFeature, startRehearsalServer } from '#activities/adapters/model/rehearsal/index.ts';
import { ownScenarios } from '#activities/adapters/model/rehearsal/server.ts';
import { toolNames } from '#activities/tools/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'omoios-scenario-'));
  await mkdir(path.join(folder, 'parts'));
});
afterEach(() => rm(folder, { recursive: true }));

const head = 'feature: {title: A feature, description: Do it.}\ninclude: [parts/sessions.yaml]\n';

async function load(sessions: string, scenario = head) {
  await writeFile(path.join(folder, 'one.yaml'), scenario);
  await writeFile(path.join(folder, 'parts', 'sessions.yaml'), sessions);
  return loadScenarios(folder, toolNames);
}

test("the scenario that comes along loads, and is the sample feature's", () => {
  const [scenario, ...more] = loadScenarios(ownScenarios, toolNames);
  expect(more).toEqual([]);
  expect(scenario?.feature).toEqual(sampleFeature);
  expect(new Set(scenario?.sessions.map((session) => session.match.kind))).toEqual(
    new Set([
      'phase',
      'task',
      'validation',
      'merge',
      'guardian',
      'conductor',
      'diagnosis',
      'diagnostic',
      'memory',
      'dedup',
      'title',
      'analysis',
      'judge',
      'compaction',
    ]),
  );
});

test('contents and values come from files next to the one that names them', async () => {
  await writeFile(path.join(folder, 'parts', 'a.js'), 'export const a = 1;\n');
  await writeFile(path.join(folder, 'parts', 'plan.yaml'), 'hours: 3\nfile: !text a.js\n');
  const [scenario] = await load(
    '- match: {kind: task}\n  steps:\n    - say: Go.\n      do: [{write_file: {path: a.js, content: !text a.js}}, {submit_tasks: !data plan.yaml}]\n',
  );
  expect(scenario?.sessions[0]?.steps[0]?.turns[0]?.do.map((call) => call.input)).toEqual([
    { path: 'a.js', content: 'export const a = 1;\n' },
    { hours: 3, file: 'export const a = 1;\n' },
  ]);
});

const task = '- match: {kind: task}\n  steps:\n';

test.each([
  ['bad YAML', `${task}    - say: "Go.\n`, /sessions\.yaml:4: Missing closing/],
  [
    'an unknown kind',
    '- match: {kind: tusk}\n  steps:\n    - {say: Go., do: [{bash: {command: ls}}]}\n',
    /sessions\.yaml:1: 0\.match\.kind/,
  ],
  [
    'an unknown field',
    `${task}    - {say: Go., do: [{bash: {command: ls}}], expects: x}\n`,
    /sessions\.yaml:3: .*expects/,
  ],
  [
    'a tool that does not exist',
    `${task}    - say: Go.\n      do:\n        - bash: {command: ls}\n        - rm: {path: a}\n`,
    /sessions\.yaml:6: .*there is no tool rm/,
  ],
  [
    'two tools in one call',
    `${task}    - say: Go.\n      do: [{bash: {command: ls}, todo: {items: []}}]\n`,
    /exactly one tool/,
  ],
  ['a step that neither acts nor repeats', `${task}    - say: Go.\n`, /sessions\.yaml:3: .*say and do, or repeat/],
  [
    'a regex that does not compile',
    `${task}    - {say: Go., do: [{bash: {command: ls}}], expect: '('}\n`,
    /sessions\.yaml:3: .*Invalid regular expression/,
  ],
  [
    'a way to nowhere',
    `${task}    - say: Go.\n      do: [{bash: {command: ls}}]\n      then: [{go: elsewhere}]\n`,
    /sessions\.yaml:3: .*there is no step named elsewhere/,
  ],
  [
    'evidence of nothing',
    `${task}    - say: Go.\n      do: [{complete_task: {summary: x, evidence: !evidence check}}]\n`,
    /sessions\.yaml:3: .*no call is labelled check/,
  ],
  [
    'a placeholder without a value',
    `${task}    - say: Go.\n      do: [{bash: {command: 'echo {{color}}'}}]\n`,
    /sessions\.yaml:3: .*no placeholder \{\{color\}\}/,
  ],
  [
    'output of nothing',
    `${task}    - say: Go.\n      do: [{bash: {command: 'echo {{output:red}}'}}]\n`,
    /sessions\.yaml:3: .*no call is labelled red/,
  ],
  [
    'steps and answers at once',
    `${task}    - {say: Go., do: [{bash: {command: ls}}]}\n  answers: [{value: {}}]\n`,
    /sessions\.yaml:1: .*either steps or answers/,
  ],
  [
    'a file that is missing',
    `${task}    - say: Go.\n      do: [{write_file: {path: a, content: !text b}}]\n`,
    /sessions\.yaml:4: .*b cannot be read/,
  ],
])('%s is refused with file and line', async (_title, sessions, message) => {
  await expect(load(sessions)).rejects.toThrow(message);
});

test('a mistake in the head names that file', async () => {
  await expect(
    load(
      `${task}    - {say: Go., do: [{bash: {command: ls}}]}\n`,
      'feature: {title: A}\ninclude: [parts/sessions.yaml]\n',
    ),
  ).rejects.toThrow(/one\.yaml:1: feature\.description/);
});

test('the server does not start on what it cannot play', async () => {
  await expect(startRehearsalServer({ scenariosDir: folder })).rejects.toThrow('There is no scenario');
});
