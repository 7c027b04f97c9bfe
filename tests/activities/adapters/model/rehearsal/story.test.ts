import type { RehearsalServer } from '#activities/adapters/model/rehearsal/index.ts';
import { startRehearsalServer } from '#activities/adapters/model/rehearsal/index.ts';
import type { RunContext } from '#workflows/domain/agent/context-block.ts';
import { completionGaps, findCommand, type EvidenceItem } from '#workflows/domain/agent/completion.ts';
import { Origin, type Checkout } from './origin.ts';
import { ask } from './ask.ts';
import { commandCodes, playSession, type PlayedSession, type SessionOptions } from './play-session.ts';
import { plannedTask } from './planned-task.ts';

/*
 * The whole story on one repository: each test goes on where the one before it left the branches.
 */
let server: RehearsalServer;
let origin: Origin;
const commits: Record<string, string> = {};
const open: Checkout[] = [];

beforeAll(async () => {
  server = await startRehearsalServer();
  origin = await Origin.open();
});
afterEach(() => Promise.all(open.splice(0).map((checkout) => checkout.close())));
afterAll(async () => {
  await server.close();
  await origin.close();
});

async function checkoutOf(
  commit: string,
  mode: 'implementation' | 'validation' | 'merge' = 'implementation',
): Promise<Checkout> {
  const checkout = await origin.checkout(commit, mode);
  open.push(checkout);
  return checkout;
}

const url = () => server.url;

/** What the platform would still find missing at the claim. */
async function gapsOf(session: PlayedSession, checkout: Checkout, criteria: RunContext['criteria']) {
  return completionGaps({
    criteria: criteria ?? [],
    evidence: session.end?.input.evidence as [],
    commands: session.commands,
    changes_expected: true,
    tree: await checkout.tree(),
    base_tree: await origin.git('rev-parse', `${checkout.base}^{tree}`),
    patch: await checkout.patch(),
  });
}

async function doTask(
  ref: string,
  commit: string,
  { attempt = 1, ...options }: Partial<SessionOptions> & { attempt?: number } = {},
) {
  const planned = plannedTask(ref);
  const checkout = await checkoutOf(commit);
  const session = await playSession({
    url,
    context: { kind: 'task', attempt, mode: 'implementation', ...planned },
    checkout,
    user: `run:${ref}:${attempt}`,
    ...options,
  });
  return { session, checkout, criteria: planned.criteria };
}

async function review(ref: string, commit: string) {
  const checkout = await checkoutOf(commit, 'validation');
  const before = await checkout.tree();
  const session = await playSession({
    url,
    context: { kind: 'validation', attempt: 1, ...plannedTask(ref) },
    checkout,
  });
  expect(await checkout.tree()).toBe(before);
  return {
    session,
    verdict: session.end?.input as { passed: boolean; feedback: string; evidence: EvidenceItem[] },
  };
}

test('TSK-001 meets the bug in the calendar, waits for its repair, and then completes', async () => {
  let fix: PlayedSession | undefined;
  const { session, checkout, criteria } = await doTask('TSK-001', origin.base, {
    news: async (turn) => {
      const report = turn.calls.find((call) => call.name === 'report_discovery');
      if (!report) return [];
      expect(report.input).toMatchObject({ type: 'bug', blocking: true });
      const repair = await checkoutOf(origin.base);
      const context = {
        kind: 'task' as const,
        attempt: 1,
        mode: 'implementation',
        title: String(report.input.title),
        criteria: [],
      };
      fix = await playSession({ url, context, checkout: repair });
      expect(await gapsOf(fix, repair, [])).toEqual([]);
      commits.fix = await repair.exportWork('Mend addMonths');
      const working = open.find((one) => one !== repair) as Checkout;
      await working.git(
        'pull',
        '-q',
        '--no-rebase',
        '--no-edit',
        repair.bench.port.workspacePath(repair.bench.id),
        'HEAD',
      );
      return ['[OmoiOS] The fix of "addMonths runs over the end of a shorter month" is merged into your workspace.'];
    },
  });

  expect(commandCodes(session)).toEqual([
    'npm test: 0',
    'node --test test/renewals.test.js: 1', // no renewals.js
    'node --test test/renewals.test.js: 1', // the calendar's bug
    expect.stringMatching(/addMonths.*: 0/),
    'node --test test/renewals.test.js: 0', // the bug is mended
    'node --test test/renewals.test.js: 1', // no route
    'node --test test/renewals.test.js: 0',
    'npm test: 0',
  ]);
  expect(commandCodes(fix as unknown as PlayedSession)).toEqual([
    'node --test test/calendar.test.js: 1',
    'node --test test/calendar.test.js: 0',
    'npm test: 0',
  ]);
  expect(session.turns.map((turn) => turn.text).join('\n')).not.toContain('I am scripted');
  expect(session.end?.input.evidence).toHaveLength(3);
  expect(await gapsOf(session, checkout, criteria)).toEqual([]);
  expect(await checkout.changedFiles()).toEqual(
    expect.arrayContaining(['README.md', 'src/app.js', 'src/renewals.js', 'test/renewals.test.js']),
  );
  commits.renew = await checkout.exportWork('Renew a loan');
  expect((await review('TSK-001', commits.renew)).verdict.passed).toBe(true);
});

test('the repair passes its review, the calendar before it does not', async () => {
  const context = { kind: 'validation' as const, attempt: 1, title: 'addMonths runs over the end of a shorter month' };
  const verdicts = await Promise.all(
    [commits.fix as string, origin.base].map(
      async (commit) =>
        (await playSession({ url, context, checkout: await checkoutOf(commit, 'validation') })).end?.input,
    ),
  );
  expect(verdicts[0]).toMatchObject({ passed: true });
  expect(verdicts[1]).toMatchObject({
    passed: false,
    feedback: expect.stringContaining('2027-01-29 and 1 months: 2027-03-01, not 2027-02-28') as string,
  });
});

test('where the calendar is sound, TSK-001 discovers nothing', async () => {
  const { session, checkout, criteria } = await doTask('TSK-001', commits.fix as string);
  expect(session.calls.map((call) => call.name)).not.toContain('report_discovery');
  expect(await gapsOf(session, checkout, criteria)).toEqual([]);
});

test('TSK-002: the review shows a 500 that its first attempt missed, the second fixes it', async () => {
  const first = await doTask('TSK-002', origin.base);
  expect(await gapsOf(first.session, first.checkout, first.criteria)).toEqual([]);
  const draft = await first.checkout.exportWork('Reserve a thing');

  const rejected = await review('TSK-002', draft);
  expect(rejected.verdict).toMatchObject({
    passed: false,
    feedback: expect.stringMatching(/500 for no body\n500 for \{\}/) as string,
  });
  const [probe] = rejected.verdict.evidence.map((item) => findCommand(item, rejected.session.commands));
  expect(probe).toMatchObject({ exit_code: 1 });

  // Another server for every turn: it has to know nothing but the request.
  const used: RehearsalServer[] = [];
  const restart = async () => {
    await used.at(-1)?.close();
    used.push(await startRehearsalServer());
    return used.at(-1)?.url ?? '';
  };
  const second = await doTask('TSK-002', draft, { url: restart, attempt: 2, goal: rejected.verdict.feedback });
  await used.at(-1)?.close();
  expect(used.length).toBeGreaterThan(4);
  expect(commandCodes(second.session).slice(1)).toEqual([
    'node --test test/reservations.test.js: 1',
    'node --test test/reservations.test.js: 0',
    'npm test: 0',
  ]);
  expect(await gapsOf(second.session, second.checkout, second.criteria)).toEqual([]);
  commits.reserve = await second.checkout.exportWork('Refuse nobody');
  expect((await review('TSK-002', commits.reserve)).verdict.passed).toBe(true);
});

test('the two branches conflict, and the merge keeps both sides', async () => {
  const [ours, theirs] = [commits.renew as string, commits.reserve as string];
  for (const [one, other] of [
    [ours, theirs],
    [theirs, ours],
  ] as const) {
    const { tree, conflicts } = await origin.merge(one, other);
    expect(conflicts.toSorted()).toEqual(['README.md', 'src/app.js']);
    const joined = await origin.commitMerge(tree, one, other);
    const checkout = await checkoutOf(joined, 'merge');
    expect(await checkout.npmTest()).toMatch(/^exit 1/);
    const session = await playSession({
      url,
      context: { kind: 'merge', attempt: 1, title: 'Join TSK-002', criteria: [] },
      checkout,
    });
    expect(await gapsOf(session, checkout, [])).toEqual([]);
    expect(await checkout.npmTest()).toMatch(/^exit 0/);
    expect(await checkout.bench.text('README.md')).toMatch(/\/renew[\s\S]*\/reservations/);
    commits.joined = await checkout.exportWork('Join both');
  }
});

test('TSK-003 drifts until the guardian, who sees it by the files, steps in', async () => {
  const files = ['src/renewals.js', 'test/renewals.test.js'];
  const digests: string[] = [];
  const { session, checkout, criteria } = await doTask('TSK-003', commits.joined as string, {
    news: async (_turn, turns) => {
      const changed = await (open.at(-1) as Checkout).changedFiles();
      const outside = changed.filter((file) => !files.includes(file)).join(', ') || 'none';
      digests.push(outside);
      const judged = await ask(
        server.url,
        'guardian',
        'give_analysis',
        `<data source="digest">\ntask: TSK-003 Refuse renewals while somebody waits\nfiles changed: ${changed.join(', ') || 'none'}\noutside the task's files: ${outside}\n</data>`,
      );
      expect(judged.needs_steering).toBe(outside !== 'none');
      return judged.needs_steering && turns.length === 6
        ? [`[GUARDIAN INTERVENTION - ${String(judged.steering_type)}] ${String(judged.steering_recommendation)}`]
        : [];
    },
  });
  expect(digests.slice(0, 7)).toEqual(['none', ...Array<string>(5).fill('src/log.js'), 'none']);
  expect(digests.slice(7)).toEqual(digests.slice(7).map(() => 'none'));
  expect(session.turns.map((turn) => turn.text).join('\n')).not.toContain('I am scripted');
  expect(await gapsOf(session, checkout, criteria)).toEqual([]);
  commits.hold = await checkout.exportWork('No renewal while somebody waits');
  expect((await review('TSK-003', commits.hold)).verdict.passed).toBe(true);
});

test('without the guardian TSK-003 never comes to its task', async () => {
  const contents: string[] = [];
  const { session, checkout } = await doTask('TSK-003', commits.joined as string, {
    maxTurns: 30,
    news: async (_turn, turns) => {
      contents.push(await (open.at(-1) as Checkout).bench.text('src/log.js'));
      return turns.length === 10 ? ['[Message from an operator]\nPlease finish soon.'] : [];
    },
  });
  expect(session.end).toBeUndefined();
  expect(await checkout.changedFiles()).toEqual(['src/log.js']);
  // Every turn is a real edit, so that no rule about standing still ends it.
  expect(contents.slice(1).every((text, index) => text !== contents[index])).toBe(true);
  expect(session.turns[10]?.text).toMatch(/^rehearsal model: I am scripted and cannot follow that\./);
  expect((await review('TSK-003', await checkout.exportWork('Drift'))).verdict.passed).toBe(false);
});

test('TSK-004 goes beside TSK-003, and TSK-005 proves the whole', async () => {
  const next = await doTask('TSK-004', commits.joined as string);
  expect(await gapsOf(next.session, next.checkout, next.criteria)).toEqual([]);
  commits.next = await next.checkout.exportWork('Keep it for the next');
  expect((await review('TSK-004', commits.next)).verdict.passed).toBe(true);

  const { tree, conflicts } = await origin.merge(commits.hold as string, commits.next);
  expect(conflicts).toEqual([]);
  const joined = await origin.commitMerge(tree, commits.hold as string, commits.next);
  const story = await doTask('TSK-005', joined);
  expect(await gapsOf(story.session, story.checkout, story.criteria)).toEqual([]);
  expect(await story.checkout.changedFiles()).toEqual(['test/renew-and-reserve.test.js']);
  const done = await story.checkout.exportWork('The whole story');
  expect((await review('TSK-005', done)).verdict.passed).toBe(true);
});

test.each(['TSK-001', 'TSK-002', 'TSK-003', 'TSK-004', 'TSK-005'])(
  'no review of %s passes where the work is missing',
  async (ref) => {
    const { session, verdict } = await review(ref, origin.base);
    expect(verdict.passed).toBe(false);
    expect(session.commands.some((command) => command.exit_code !== 0)).toBe(true);
  },
);
