import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { workflowId } from '#workflows/contracts/ids.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { eventually } from '#tests/support/api.ts';
import { smallProject, testCommand } from '#tests/support/repository.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { planPhase, trackerProject, trackerWork, withWord } from '#tests/support/tracker.ts';
import { share } from '#tests/support/share.ts';
import { double } from './double.ts';
import { broken } from './invariants.ts';
import { World, type Place } from './world.ts';

interface Pull {
  id: string;
  branch: string;
  head_sha: string;
  state: string;
}

/** Refuses the change the first time that a task is reviewed. */
const strictReview = (request: Played): Reply =>
  request.step === 0 || request.context.attempt !== 1
    ? reviewPasses(request)
    : {
        tools: [
          call('submit_review', {
            passed: false,
            feedback: 'Not yet.',
            evidence: [{ command: testCommand, exit_code: 0, excerpt: 'pass' }],
          }),
        ],
      };

/** A spec with all that may come between: a gate not passed, changes asked for at another, a review that refuses, changes asked for in the pull request. */
async function spec(world: World): Promise<Place> {
  const { api } = world.stack;
  const place: Place = await world.place(
    (request) => {
      const { kind, task_ref: ref } = request.context;
      if (kind === 'phase')
        return planPhase(request, (phase, attempt, good) =>
          withWord(phase === 'prd' && attempt === 1 ? { ...good, user_stories: [] } : good, place.word),
        );
      if (kind === 'validation') return ref === 'TSK-001' ? strictReview(request) : reviewPasses(request);
      return finishTask(
        request,
        ref ? (trackerWork[ref] ?? {}) : { 'docs/export.md': '# Export\n\n/tasks.csv gives all tasks.\n' },
      );
    },
    {},
    trackerProject,
  );
  const { spec_id: id } = await api.post<{ spec_id: string }>('/specs/launch', {
    project_id: place.id,
    title: `Export tasks ${place.word}`,
    description: 'All tasks as a CSV file.',
    auto_execute: true,
    gate_policy: { mode: 'ask', phases: ['prd'] },
  });
  const atGate = () =>
    api.until<{ waiting_for: string | null }>(`/specs/${id}`, (row) => row.waiting_for === 'gate', 60_000);
  await atGate();
  await api.post(`/specs/${id}/phases/prd/request-changes`, { feedback: 'Name the audience of the export.' });
  await api.until<{ phases: { attempts: object[]; at_gate: boolean }[] }>(
    `/specs/${id}/phase-data`,
    ({ phases }) => phases[1]?.attempts.length === 3 && phases[1].at_gate,
    60_000,
  );
  await api.post(`/specs/${id}/phases/prd/approve`);
  await api.until<{ status: string }>(`/specs/${id}`, ({ status }) => status === 'pr_created', 120_000);
  await changedAndMerged(world, place);
  await api.until<{ status: string }>(`/specs/${id}`, ({ status }) => status === 'completed', 60_000);
  return place;
}

/** The guardian has judged the run before: its steer has brought nothing. */
const ignored = (request: Played) => /earlier judgements:\nturn/.test(request.last);

/** A ticket of tasks that conflict, of which one ignores the guardian at first and is stopped, and one continues both and finds more to do. */
async function ticket(world: World): Promise<Place> {
  const { api } = world.stack;
  const sum = (how: string) => ({ 'src/sum.js': `export const sum = (a, b) => ${how};\n` });
  const work: Record<string, Record<string, string>> = {
    Alpha: sum('Number(a) + Number(b)'),
    Beta: sum('(a ?? 0) + b'),
    Resolved: sum('Number(a ?? 0) + Number(b)'),
    Gamma: { 'src/three.js': 'export const three = 3;\n' },
    Found: { 'src/found.js': 'export const found = true;\n' },
  };
  let betaHangs = false;
  let steer = () => {};
  const steered = new Promise<void>((resolve) => (steer = resolve));
  let betaAsks = () => {};
  const betaAsked = new Promise<void>((resolve) => (betaAsks = resolve));
  const place: Place = await world.place(
    (request) => {
      const { kind, attempt } = request.context;
      const title = request.context.title ?? '';
      if (kind === 'validation') return reviewPasses(request);
      if (kind === 'merge') return finishTask(request, work.Resolved ?? {});
      if (title.startsWith('Beta') && attempt === 1 && request.step > 0) {
        const goOn: Reply = { tools: [call('bash', { command: `echo ${request.step}` })] };
        if (request.step === 1) {
          betaAsks();
          return steered.then(() => goOn);
        }
        betaHangs = request.step > 3;
        return betaHangs ? { hang: true } : goOn;
      }
      if (title.startsWith('Gamma')) {
        if (request.step === 0)
          return {
            tools: [
              call('report_discovery', {
                type: 'bug',
                title: `Found ${place.word}`,
                description: `Something is missing here, and it is not mine. ${place.word}`,
                blocking: true,
              }),
            ],
          };
        return finishTask({ ...request, step: request.step - 1 } satisfies Played, work.Gamma ?? {});
      }
      return finishTask(
        request,
        Object.entries(work).find(([name]) => title.startsWith(name))?.[1] ?? { 'docs/notes.md': '# Notes\n' },
      );
    },
    {},
    smallProject,
  );
  const { id } = await api.post<{ id: string }>('/tickets', {
    project_id: place.id,
    title: `Several ${place.word}`,
    description: 'By several tasks.',
    workflow_mode: 'spec_driven',
    force_create: true,
  });
  const add = (title: string, depends_on: string[] = []) =>
    api.post<{ id: string }>('/tasks', {
      ticket_id: id,
      title: `${title} ${place.word}`,
      description: `Do it: ${title}.`,
      depends_on,
    });
  const [alpha, beta] = [await add('Alpha'), await add('Beta')];
  await add('Gamma', [alpha.id, beta.id]);
  const run = await world.runOf({ task_id: beta.id });
  // A turn that is not composed yet would still be given the guardian's message.
  await betaAsked;
  await api.post(`/monitor/intelligent/analyze/${run}?force=true`);
  steer();
  await eventually('Beta hangs in its fifth turn', () => betaHangs, 60_000);
  await api.post(`/monitor/intelligent/analyze/${run}?force=true`);
  // Changes that are requested before would join its workflow in one play and start another one in the other.
  const { client, close } = await world.stack.temporal();
  const ended = () => client.workflow.getHandle(workflowId.ticket(id)).result();
  await ended().finally(close);
  await changedAndMerged(world, place);
  return place;
}

/** The pull request, sent back once for more work on it, then merged. */
async function changedAndMerged(world: World, place: Place): Promise<void> {
  const { api } = world.stack;
  const pulls = (pleases: (pull: Pull | undefined) => boolean) =>
    api
      .until<{ items: Pull[] }>(`/pull-requests?project_id=${place.id}`, (page) => pleases(page.items[0]), 120_000)
      .then((page) => page.items[0] as Pull);
  const { id, head_sha: before } = await pulls((pull) => pull !== undefined);
  const { task_id: task } = await api.post<{ task_id: string }>(`/pull-requests/${id}/request-changes`, {
    comments: [{ body: `Write it down. ${place.word}` }],
  });
  await api.until<{ status: string }>(`/tasks/${task}`, ({ status }) => status === 'completed', 60_000);
  await api.until<{ comments: unknown[]; head_sha: string; checks: { sha: string }[] }>(
    `/pull-requests/${id}`,
    (pull) => pull.head_sha !== before && pull.checks.some((check) => check.sha === pull.head_sha),
    60_000,
  );
  await api.post(`/pull-requests/${id}/merge`, {});
  await pulls((pull) => pull?.state === 'merged');
}

/** The events and records of a project, counted by kind. */
async function accountOf(world: World, { id }: Place): Promise<Record<string, unknown>> {
  const count = (sql: string) =>
    world.records
      .rows<{ what: string; n: number }>(
        `SELECT what, count(*)::int AS n FROM (${sql}) AS rows GROUP BY what ORDER BY what`,
        [id],
      )
      .then((rows) => Object.fromEntries(rows.map((row) => [row.what, row.n])));
  return {
    // A turn that is composed again is given the guardian's stop; one that hangs ends without it. Sandboxes are counted by the
    // invariants: a step that is repeated may find the one of its first try.
    // What a task taught may be stored before or after the next one is prepared: the work never waits for it.
    // The pull request is brought up to date once more where its step is repeated while a person asks for changes.
    events: await count(
      "SELECT CASE WHEN type IN ('run.message.delivered', 'run.message.refused') THEN 'run.message.ended' ELSE type END AS what FROM events WHERE project_id = $1 AND type NOT IN ('cost.recorded', 'guardian.intervention.delivered', 'pull_request.updated', 'memory.context.suggested') AND type NOT LIKE 'sandbox.%'",
    ),
    attempts: await count(
      "SELECT a.phase || ' ' || a.attempt || ' ' || a.status || ' ' || (a.feedback IS NOT NULL) AS what FROM phase_attempts a JOIN specs s ON s.id = a.spec_id WHERE s.project_id = $1",
    ),
    versions: await count(
      'SELECT v.change_type AS what FROM spec_versions v JOIN specs s ON s.id = v.spec_id WHERE s.project_id = $1',
    ),
    tickets: await count("SELECT title || ' ' || status AS what FROM tickets WHERE project_id = $1"),
    tasks: await count(
      "SELECT title || ' ' || status || ' ' || attempt || ' ' || retry_count || ' ' || validation_iteration AS what FROM tasks WHERE project_id = $1",
    ),
    runs: await count(
      "SELECT kind || ' ' || title || ' ' || attempt || ' ' || iteration || ' ' || turn || ' ' || status AS what FROM runs WHERE project_id = $1",
    ),
    merges: await count(
      "SELECT status || ' ' || jsonb_path_query_array(log, '$[*].step')::text AS what FROM merge_attempts WHERE project_id = $1",
    ),
    discoveries: await count("SELECT title || ' ' || resolution_status AS what FROM discoveries WHERE project_id = $1"),
    pulls: await count(
      "SELECT title || ' ' || state || ' ' || jsonb_array_length(comments) AS what FROM pull_requests WHERE project_id = $1",
    ),
    judged: await count(
      "SELECT source || ' ' || alignment_score || ' ' || health AS what FROM guardian_analyses WHERE project_id = $1",
    ),
    steered: await count('SELECT steering_type AS what FROM steering_interventions WHERE project_id = $1'),
    // Answers that a step lost before it stored them are paid all the same: of those there are more.
    paid: await count(
      "SELECT kind AS what FROM cost_records WHERE project_id = $1 AND kind NOT IN ('phase', 'task', 'validation', 'merge')",
    ),
  };
}

describe('every kind of step fails after each of its effects', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'omoios-fallen-'));
  const file = path.join(folder, 'fallen');
  let world: World;

  beforeAll(async () => {
    world = await World.start({
      // Only the run that the test names is judged, however long its play takes.
      OMOIOS_MONITORING_MINIMUM_AGE: '3600',
      OMOIOS_MONITORING_STEERING_COOLDOWN_TURNS: '0',
      ...double('/temporal/worker.ts', '#activities/index.ts', './falling-activities.ts'),
      TEST_FALLEN_FILE: file,
    });
    const judgement = {
      alignment_score: 0.1,
      trajectory_aligned: false,
      needs_steering: true,
      steering_recommendation: 'Begin anew.',
      trajectory_summary: 'It stands still.',
    };
    world.values = (request) =>
      request.context.kind === 'guardian' && request.context.title?.startsWith('Beta')
        ? { tools: [call('give_judgement', { ...judgement, steering_type: ignored(request) ? 'stop' : 'redirect' })] }
        : answerValue(request);
  });
  afterAll(async () => {
    await world?.stop();
    rmSync(folder, { recursive: true });
  });

  const plays: [string, (world: World) => Promise<Place>, number][] = [
    ['a spec', spec, 200],
    ['a ticket', ticket, 30],
  ];
  test.each(share(plays))(
    '%s comes to the same end with the same account as without',
    async (_, play, falls) => {
      const plain = await play(world);
      // From here on they fall.
      writeFileSync(file, '');
      const fallen = await play(world);
      const points = readFileSync(file, 'utf8').trimEnd().split('\n');
      rmSync(file);
      expect(points.length).toBeGreaterThan(falls);
      // The author of refused work continues, and nothing of its conversation is there twice.
      if (play === spec) expect(points).toContain('prepareTask after store.transcripts.continueAs');
      expect(broken(await world.evidence([plain.id, fallen.id]))).toEqual([]);
      const files = (place: Place) => place.repository.git('ls-tree', '-r', '--name-only', 'main').split('\n');
      expect(files(fallen)).toEqual(files(plain));
      const account = async (place: Place) =>
        JSON.parse(
          JSON.stringify(await accountOf(world, place))
            .replaceAll(place.word, 'WORD')
            .replaceAll(/(alpha|beta)-WORD|task\/\w{8}/g, 'BRANCH'),
        ) as unknown;
      expect(await account(fallen)).toEqual(await account(plain));
    },
    400_000,
  );
});
