import {
  sampleFeature,
  startRehearsalServer,
  type RehearsalServer,
} from '#activities/adapters/model/rehearsal/index.ts';
import { completeDraft, mergeDraft, type PhaseDraft } from '#workflows/domain/phases/draft.ts';
import { correctOutput, evaluate, feedback, type GateResult } from '#workflows/domain/phases/evaluate.ts';
import { judgeSections, planPrompt, sentBack } from '#workflows/domain/phases/compact.ts';
import { phaseIds, phases, planSession, type PhaseId, type PhaseOutputs } from '#workflows/domain/phases/index.ts';
import { parseSubmission } from '#workflows/domain/phases/submission.ts';
import { Origin, type Checkout } from './origin.ts';
import { playSession, reopenSession, type PlayedCall, type PlayedSession } from './play-session.ts';

let server: RehearsalServer;
let origin: Origin;
let checkout: Checkout;

beforeAll(async () => {
  server = await startRehearsalServer();
  origin = await Origin.open();
  checkout = await origin.checkout(origin.base, 'exploration');
});
afterAll(async () => {
  await checkout.close();
  await origin.close();
  await server.close();
});

interface Attempt {
  evaluation: GateResult;
  output: PhaseOutputs[PhaseId];
  session: PlayedSession;
}

/** Plays a phase to its gate as the platform does: drafts merged, the whole checked, a failed attempt reopened with feedback. */
async function playPhase(phase: PhaseId, prior: Partial<PhaseOutputs>): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  const options = {
    url: () => server.url,
    checkout,
    user: `run:${phase}`,
    goal: phases[phase].instructions({ ...sampleFeature, prior }),
  };
  let draft: PhaseDraft = {};
  while (attempts.length < 3 && !attempts.at(-1)?.evaluation.passed) {
    const context = { kind: 'phase' as const, phase, attempt: attempts.length + 1, title: sampleFeature.title };
    const last = attempts.at(-1);
    const session = last
      ? await reopenSession({ ...options, context }, last.session, feedback(last.evaluation))
      : await playSession({ ...options, context });
    draft = submitted(session.calls, draft, { judged: attempts.length > 0 });
    const parsed = parseSubmission(phase, draft);
    if ('problems' in parsed) throw new Error(`${phase}: ${JSON.stringify(parsed.problems)}`);
    attempts.push({
      evaluation: evaluate(phase, parsed.ok, prior, 0.7),
      output: correctOutput(phase, parsed.ok, prior),
      session,
    });
  }
  return attempts;
}

function submitted(calls: readonly PlayedCall[], draft: PhaseDraft, judged: { judged: boolean }): PhaseDraft {
  return calls
    .filter((call) => call.name.startsWith('submit_'))
    .reduce(
      (merged, { input }) =>
        input.partial === true ? mergeDraft(merged, input) : completeDraft(merged, input, judged),
      draft,
    );
}

test('six phases pass their gates, requirements at the second attempt', async () => {
  const prior: Partial<PhaseOutputs> = {};
  const verdicts: Record<string, boolean[]> = {};
  for (const phase of phaseIds) {
    const attempts = await playPhase(phase, prior);
    verdicts[phase] = attempts.map(({ evaluation }) => evaluation.passed);
    Object.assign(prior, { [phase]: attempts.at(-1)?.output });
    for (const { session, evaluation } of attempts) {
      expect(session.end).toBeDefined();
      expect(
        session.calls.filter((call) => ['list_files', 'read_file', 'search_files', 'bash'].includes(call.name)).length,
      ).toBeGreaterThanOrEqual(2);
      expect(session.calls.some((call) => call.input.partial === true)).toBe(true);
      if (evaluation.passed) expect({ phase, score: evaluation.score }).toEqual({ phase, score: 1 });
    }
    if (phase === 'requirements') {
      expect(attempts[0]?.evaluation.vetoes.map((veto) => veto.code)).toContain('no_keyword');
      expect(attempts[0]?.evaluation.score).toBeLessThan(0.7);
    }
  }
  expect(verdicts).toEqual({
    explore: [true],
    prd: [true],
    requirements: [false, true],
    design: [true],
    tasks: [true],
    sync: [true],
  });
  expect(prior.sync).toMatchObject({ ready_for_execution: true, blockers: [] });
  expect(await checkout.changedFiles()).toEqual([]);

  // The plan is what the tasks' sessions live on: two at once on the same files, and one that needs all others.
  const plan = prior.tasks as PhaseOutputs['tasks'];
  const files = (id: string) => plan.tasks.find((task) => task.id === id)?.files_to_modify ?? [];
  expect(prior.sync?.dependency_analysis.parallel_opportunities).toContainEqual(['TSK-001', 'TSK-002']);
  expect(files('TSK-001').filter((file) => files('TSK-002').includes(file))).toEqual(['src/app.js', 'README.md']);
  expect(plan.tasks.at(-1)?.dependencies.depends_on).toEqual(['TSK-001', 'TSK-002', 'TSK-003', 'TSK-004']);
});

test('a compact plan comes from one session, and only its requirements are sent back', async () => {
  const options = {
    url: () => server.url,
    checkout,
    user: 'run:plan',
    goal: planPrompt({ ...sampleFeature, prior: {} }, phaseIds, {}),
  };
  const base = { paths: new Set((await checkout.git('ls-files')).split('\n')), scripts: ['test'] };
  const context = { kind: 'phase' as const, phase: planSession, attempt: 1, title: sampleFeature.title };
  const drafts: Partial<Record<PhaseId, PhaseDraft>> = {};
  const submit = (calls: readonly PlayedCall[], judged: boolean) => {
    for (const { input } of calls.filter(({ name }) => name === 'submit_plan'))
      for (const phase of phaseIds.filter((known) => known in input)) {
        const given = input[phase] as PhaseDraft;
        const draft = drafts[phase] ?? {};
        drafts[phase] = input.partial === true ? mergeDraft(draft, given) : completeDraft(draft, given, { judged });
      }
    const given = phaseIds.map((phase) => {
      const parsed = parseSubmission(phase, drafts[phase] ?? {});
      if ('problems' in parsed) throw new Error(`${phase}: ${JSON.stringify(parsed.problems)}`);
      return [phase, parsed.ok];
    });
    return judgeSections(Object.fromEntries(given) as PhaseOutputs, {}, { threshold: 0.7, base });
  };
  const first = await playSession({ ...options, context });
  const failed = submit(first.calls, false).filter(({ verdict }) => verdict && !verdict.passed);
  expect(failed.map(({ phase }) => phase)).toEqual(['requirements']);
  const faults = failed.map(({ phase, verdict }) => ({
    phase,
    feedback: verdict ? feedback(verdict) : '',
    draft: null,
  }));
  const second = await reopenSession({ ...options, context: { ...context, attempt: 2 } }, first, sentBack(faults));
  const again = second.calls.filter(({ name }) => name === 'submit_plan');
  expect(again.flatMap(({ input }) => Object.keys(input))).toEqual(['requirements']);
  expect(submit(again, true).map(({ phase, verdict }) => `${phase} ${verdict?.passed}`)).toEqual(
    phaseIds.map((phase) => `${phase} true`),
  );
});

test('what the plan says of lines in the code is so', async () => {
  const known: Record<string, string> = {
    'src/app.js:9': 'const routes',
    'src/app.js:6': 'LARGEST_BODY',
    'src/loans.js:10': 'function borrow',
    'src/loans.js:23': 'function giveBack',
    'src/shed.js:4': 'function createShed',
    'src/shed.js:16': 'function findLoan',
    'src/calendar.js:11': 'function addMonths',
  };
  const attempts = await Promise.all(
    (['explore', 'design', 'tasks'] as const).map(async (phase) =>
      playSession({
        url: () => server.url,
        checkout,
        goal: sampleFeature.description,
        context: { kind: 'phase', phase, attempt: 1 },
      }),
    ),
  );
  const said = attempts
    .flatMap((session) =>
      session.calls.filter((call) => call.name.startsWith('submit_')).map((call) => JSON.stringify(call.input)),
    )
    .join('\n');
  const named = new Set([...said.matchAll(/[\w/]+\.js:\d+/g)].map(([claim]) => claim));
  expect([...named].sort()).toEqual(Object.keys(known).sort());
  for (const [claim, text] of Object.entries(known)) {
    const [file = '', line] = claim.split(':');
    expect((await checkout.bench.text(file)).split('\n')[Number(line) - 1]).toContain(text);
  }
});

test('another feature is not planned', async () => {
  const session = playSession({
    url: () => server.url,
    checkout,
    goal: 'Let members pay by card.',
    context: { kind: 'phase', phase: 'explore', attempt: 1, title: sampleFeature.title },
  });
  await expect(session).rejects.toMatchObject({
    status: 400,
    error: {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message:
          'The rehearsal model is scripted and knows only the feature "Renew and reserve" of the sample repository; set ANTHROPIC_API_KEY for a real model.',
      },
    },
  });
});
