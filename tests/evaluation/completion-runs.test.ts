import type { Reply } from '#tests/support/played-model.ts';
import { npmProject } from '#tests/support/repository.ts';
import { call, finishTask } from '#tests/support/scripts.ts';
import { watch, type Play } from './support/session.ts';

const criteria = [
  { id: 'AC-1', text: 'double(2) is 4' },
  { id: 'AC-2', text: 'the project still passes' },
];
const write = (command: string, id?: string): Reply => ({ tools: [call('bash', { command }, id)] });
const source = "cat > src/double.js <<'END'\nexport const double = (n) => 2 * n;\nEND\n";
/** A document of a plan with another field. */
const plan = (field: string) =>
  `mkdir -p .omoi_os/docs && printf -- '---\\nid: DOC-1\\ntitle: Double\\n${field}\\n---\\n' > .omoi_os/docs/double.md`;
const proof = (command: string, id: string, criterion_id?: string) => ({
  criterion_id,
  command,
  tool_use_id: id,
  exit_code: 0,
  excerpt: 'pass',
});
const claim = (evidence: unknown): Reply => ({ tools: [call('complete_task', { summary: 'It doubles.', evidence })] });
const both = (command: string, id: string) => criteria.map((criterion) => proof(command, id, criterion.id));
/** A run's ids are those of its turns: they name its own commands and no others. */
const id = (name: string) => `toolu_${name}`;

describe('claims that the work is done', () => {
  test.concurrent(
    '[EXEC-18] all gaps of a false claim come back at once; without them the claim is accepted and the clean checkout passes',
    async () => {
      const play: Play = (turn) =>
        [
          write(source),
          write('npm test || true', id('masked')),
          write("sed -i 's/^test(/test.skip(/' test/sum.test.js && printf '<<<<<<< HEAD\\n' > src/left.js"),
          write(plan('category: functional')),
          claim([
            proof('npm test || true', id('masked'), 'AC-1'),
            proof('npm run e2e', id('elsewhere'), 'AC-2'),
            'I looked at it and it works.',
          ]),
          write(`git checkout -q test/sum.test.js && rm src/left.js && ${plan('status: draft')}`),
          write('npm test', id('sound')),
          claim(both('npm test', id('sound'))),
        ][turn - 1] as Reply;
      await watch(play, { criteria, files: npmProject }, async (session) => {
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'completed', stop_reason: 'validation_passed', turn: 8 });
        const refusal = session.asked(run)[5]?.results[0];
        expect(refusal?.is_error).toBe(true);
        for (const part of [
          'No check has run',
          'hides its exit code behind ||',
          'npm run e2e: no such command ran',
          'AC-1 has no valid evidence',
          'AC-2 has no valid evidence',
          'test/sum.test.js skips',
          'src/left.js contains a conflict marker',
          '.omoi_os/docs/double.md lacks status in its front matter',
        ])
          expect(refusal?.text).toContain(part);
        const outcome = run.outcome as { check: { command: string; exit_code: number } };
        expect(outcome.check).toMatchObject({ command: 'npm test', exit_code: 0 });
      });
    },
  );

  test.concurrent(
    '[EXEC-18] work that is not committed opens another iteration where the project requires commits, and ends with its branch where it wants no pull request',
    async () => {
      const commit = 'git add -A && git -c user.name=A -c user.email=a@example.test commit -qm "Double numbers"';
      const play: Play = (turn) =>
        [
          write(source),
          write('npm test', id('one')),
          claim(both('npm test', id('one'))),
          write(`git switch -qc other && ${commit}`),
          write('npm test', id('two')),
          claim(both('npm test', id('two'))),
          write('git switch -q - && git merge -q other'),
          write('npm test', id('three')),
          claim(both('npm test', id('three'))),
        ][turn - 1] as Reply;
      const settings = { require_clean_git: true, require_pr_created: false };
      await watch(play, { criteria, files: npmProject, settings }, async (session) => {
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'completed', stop_reason: 'validation_passed', iteration: 3 });
        const [opening, , , uncommitted, , , elsewhere] = session.asked(run).map(({ last }) => last);
        expect(opening).toContain('commit everything on your branch');
        expect(uncommitted).toContain('These files are not committed: src/double.js.');
        expect(elsewhere).toContain(`The checkout is on the branch other, and the work must be on ${run.branch}.`);
        const { api, repository, ticket_id: ticket } = session;
        await api.until<{ status: string }>(`/tickets/${ticket}`, ({ status }) => status === 'building-done');
        expect(await api.get(`/pull-requests?ticket_id=${ticket}`)).toMatchObject({ items: [] });
        expect(repository.show(run.branch, 'src/double.js')).toContain('2 * n');
      });
    },
  );

  test.concurrent('a run before the last change is stale, whatever its id says', async () => {
    const play: Play = (turn) =>
      [
        write(source),
        write('npm test', id('early')),
        write('echo "// end" >> src/double.js'),
        claim(both('npm test', id('early'))),
        write('npm test', id('late')),
        claim(both('npm test', id('late'))),
      ][turn - 1] as Reply;
    await watch(play, { criteria, files: npmProject }, async (session) => {
      const run = await session.ended();
      expect(run).toMatchObject({ status: 'completed', turn: 6 });
      expect(session.asked(run)[4]?.results[0]?.text).toContain('`npm test` ran before the last change');
    });
  });

  test.concurrent('evidence of the attempt before counts for nothing in the next one', async () => {
    const answers: string[] = [];
    const others = (request: Parameters<Play>[1]): Reply | undefined => {
      if (request.context.kind !== 'task' || request.context.attempt !== 2) return undefined;
      if (request.step === 0) return claim(both('npm test', id('first')));
      if (request.step === 1) answers.push(request.results[0]?.text ?? '');
      return finishTask(
        { ...request, step: request.step - 1 },
        { 'src/triple.js': 'export const triple = (n) => 3 * n;\n' },
      );
    };
    const play: Play = (turn) =>
      [write(source), write('npm test', id('first')), ...Array.from({ length: 4 }, () => write('cat src/double.js'))][
        Math.min(turn, 6) - 1
      ] as Reply;
    await watch(play, { criteria, others, files: npmProject }, async (session) => {
      expect(await session.ended()).toMatchObject({ status: 'failed', stop_reason: 'stagnation' });
      expect(await session.ended(2)).toMatchObject({ status: 'completed' });
      expect(answers[0]).toContain('npm test: no such command ran in this attempt');
    });
  });

  test.concurrent('three claims that do not hold end the attempt, and a diagnosis opens the next', async () => {
    await watch(
      (turn) => (turn === 1 ? write(source) : claim(`It works, I am sure of it (${turn}).`)),
      { criteria, files: npmProject },
      async (session) => {
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'failed', stop_reason: 'completion_refused', turn: 4 });
        expect(run.error_message).toMatch(
          /^complete_task was refused 3 times\. The last time: .*Evidence given as prose proves nothing/s,
        );
        expect(session.asked(run)[2]?.results[0]?.text).toContain('Evidence given as prose proves nothing');
        expect(await session.ended(2)).toMatchObject({ status: 'completed' });
        const diagnosed = session.model.requests.filter((request) => request.context.kind === 'diagnosis');
        expect(diagnosed).toHaveLength(1);
        expect(diagnosed[0]?.text).toContain('complete_task was refused 3 times');
      },
    );
  });

  test.concurrent(
    'evidence that holds here and not in a clean checkout opens another iteration with the output',
    async () => {
      const play: Play = (turn) =>
        [
          write(
            `${source}printf 'ignored/\\n' > .gitignore && mkdir ignored && cp src/double.js ignored/double.js && printf "import '../ignored/double.js';\\n" >> test/sum.test.js`,
          ),
          write('npm test', id('here')),
          claim(both('npm test', id('here'))),
          write("sed -i '$d' test/sum.test.js"),
          write('npm test', id('there')),
          claim(both('npm test', id('there'))),
        ][turn - 1] as Reply;
      await watch(play, { criteria, files: npmProject }, async (session) => {
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'completed', iteration: 2 });
        const feedback = session.asked(run)[3]?.last ?? '';
        expect(feedback).toContain('in a clean checkout, and it failed');
        expect(feedback).toContain('ignored/double.js');
      });
    },
  );
});
