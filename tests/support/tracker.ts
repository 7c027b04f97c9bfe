import { phaseIds, planSession } from '#workflows/domain/phases/names.ts';
import { examplePhases } from './phases.ts';
import type { Played, Reply } from './played-model.ts';
import { makeTest } from './repository.ts';
import { answerValue, call, finishTask, reviewPasses } from './scripts.ts';

const test = (imports: string, body: string) =>
  `import assert from 'node:assert/strict';\nimport test from 'node:test';\n${imports}\n\n${body}\n`;

/** The repository for the feature of `examplePhases`: a small task tracker that needs no installation. */
export const trackerProject: Record<string, string> = {
  ...makeTest,
  'package.json': '{"name":"tracker","version":"1.0.0","type":"module"}\n',
  'README.md': '# Tracker\n\nTasks over HTTP.\n',
  'src/domain/tasks.js':
    "const tasks = [{ id: 1, title: 'Buy milk', done: false }];\nexport const listTasks = () => [...tasks];\n",
  'src/app.js':
    "import { createServer } from 'node:http';\nimport { listTasks } from './domain/tasks.js';\n\nexport const routes = {\n  '/tasks': () => ({ type: 'application/json', body: JSON.stringify(listTasks()) }),\n};\n\nexport const app = () => createServer((req, res) => {\n  const answer = routes[req.url]?.();\n  res.writeHead(answer ? 200 : 404, { 'content-type': answer?.type ?? 'text/plain' }).end(answer?.body ?? 'not found');\n});\n",
  'test/tasks.test.js': test(
    "import { listTasks } from '../src/domain/tasks.js';",
    "test('lists', () => assert.equal(listTasks().length, 1));",
  ),
};

/** The files that each planned task writes. */
export const trackerWork: Record<string, Record<string, string>> = {
  'TSK-001': {
    'src/domain/csv.js':
      "const quote = (value) => `\"${String(value).replaceAll('\"', '\"\"')}\"`;\nexport const toCsv = (tasks) => ['id,title,done', ...tasks.map((t) => [t.id, t.title, t.done].map(quote).join(','))].join('\\n');\n",
    'test/csv.test.js': test(
      "import { toCsv } from '../src/domain/csv.js';",
      'test(\'doubles quotes\', () => assert.match(toCsv([{ id: 1, title: \'a"b\', done: true }]), /"a""b"/));',
    ),
  },
  'TSK-002': {
    'src/domain/escape.js': "export const escape = (title) => (/^[=+@-]/.test(title) ? `'${title}` : title);\n",
    'test/escape.test.js': test(
      "import { escape } from '../src/domain/escape.js';",
      "test('escapes', () => assert.equal(escape('=1+1'), \"'=1+1\"));",
    ),
  },
  'TSK-003': {
    'src/routes/export.js':
      "import { toCsv } from '../domain/csv.js';\nimport { escape } from '../domain/escape.js';\nimport { listTasks } from '../domain/tasks.js';\n\nexport const exportCsv = () => ({ type: 'text/csv', body: toCsv(listTasks().map((t) => ({ ...t, title: escape(t.title) }))) });\n",
    'src/app.js':
      "import { createServer } from 'node:http';\nimport { listTasks } from './domain/tasks.js';\nimport { exportCsv } from './routes/export.js';\n\nexport const routes = {\n  '/tasks': () => ({ type: 'application/json', body: JSON.stringify(listTasks()) }),\n  '/tasks.csv': exportCsv,\n};\n\nexport const app = () => createServer((req, res) => {\n  const answer = routes[req.url]?.();\n  res.writeHead(answer ? 200 : 404, { 'content-type': answer?.type ?? 'text/plain' }).end(answer?.body ?? 'not found');\n});\n",
    'test/export.test.js': test(
      "import { routes } from '../src/app.js';",
      "test('is csv', () => assert.equal(routes['/tasks.csv']().type, 'text/csv'));",
    ),
  },
};

/** A planning session that reads first and then submits; the submission can be changed by phase and attempt. */
export function planPhase(
  request: Played,
  change: (phase: string, attempt: number, good: Record<string, unknown>) => Record<string, unknown> = (
    _phase,
    _attempt,
    good,
  ) => good,
): Reply {
  if (request.context.phase === planSession) return planAtOnce(request, change);
  const phase = request.context.phase as keyof typeof examplePhases;
  if (phase === 'explore' && request.step === 0)
    return { text: 'I look around.', tools: [call('list_files', {}), call('read_file', { path: 'src/app.js' })] };
  return { tools: [call(`submit_${phase}`, change(phase, request.context.attempt ?? 1, examplePhases[phase]))] };
}

/** A compact plan: half of the sections as a draft, then the rest. */
function planAtOnce(request: Played, change: NonNullable<Parameters<typeof planPhase>[1]>): Reply {
  const sections = phaseIds.map((phase) => [phase, change(phase, request.context.attempt ?? 1, examplePhases[phase])]);
  const [first, rest] = [sections.slice(0, 3), sections.slice(3)];
  const given = request.step === 0 ? { partial: true, ...Object.fromEntries(first) } : Object.fromEntries(rest);
  return { tools: [call('submit_plan', given)] };
}

/** Plans, works and reviews correctly. The word in the tasks' titles shows which test's model gets the requests. */
export function playTracker(request: Played, word = ''): Reply {
  const value = answerValue(request);
  if (value) return value;
  if (request.context.kind === 'phase') return planPhase(request, (_phase, _attempt, good) => withWord(good, word));
  if (request.context.kind === 'validation') return reviewPasses(request);
  return finishTask(request, trackerWork[request.context.task_ref ?? ''] ?? {});
}

/** A plan with the word in its tickets and tasks. */
export function withWord(plan: Record<string, unknown>, word: string): Record<string, unknown> {
  const marked = (items: unknown) =>
    (items as { title: string }[] | undefined)?.map((item) => ({ ...item, title: `${item.title} ${word}` }));
  return 'tickets' in plan ? { ...plan, tickets: marked(plan.tickets), tasks: marked(plan.tasks) } : plan;
}
