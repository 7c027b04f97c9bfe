import type { Reply } from '#tests/support/played-model.ts';
import { call } from '#tests/support/scripts.ts';
import { finish, watch, type Play } from './support/session.ts';

const bash = (command: string): Reply => ({ tools: [call('bash', { command })] });
const project = (test: string) => ({
  'package.json': JSON.stringify({ type: 'module', scripts: { test } }),
  Makefile: 'test:\n\t@node --test\n',
  'old.test.js': "import t from 'node:test';\nt('old', () => {});\n",
});

describe('output of a check that cannot be stored', () => {
  const rockets = (before: string) => `node -e "console.log('${before}'+'\\u{1F680}'.repeat(3000))" && node --test`;
  test.concurrent.each<[string, string]>([
    ['a NUL', "printf 'a\\000b' && node --test"],
    ['a tail that begins at an even place', rockets('')],
    ['a tail that begins at an odd place', rockets('x')],
  ])('%s does not keep the task from its end', async (_name, command) => {
    await watch(
      (turn, request) => finish(turn, 1, request),
      { files: project(command) },
      async (session) => expect(await session.taskEnded()).toMatchObject({ status: 'completed' }),
    );
  });

  test.concurrent('a failing check with a NUL sends the work back with its output', async () => {
    const claim = (id: string, command: string): Reply => ({
      tools: [call('complete_task', { summary: 'Done.', evidence: [{ command, tool_use_id: id, exit_code: 0 }] })],
    });
    const shown: string[] = [];
    const play: Play = (turn, request) => {
      if (turn === 4) shown.push(request.raw);
      const steps: Reply[] = [
        bash("mkdir -p src && echo 'export const double = (n) => 2 * n;' > src/double.js"),
        { tools: [call('bash', { command: 'node --test' }, 'toolu_first')] },
        claim('toolu_first', 'node --test'),
        bash('echo > ok.txt'),
        { tools: [call('bash', { command: 'npm test' }, 'toolu_second')] },
      ];
      return steps[turn - 1] ?? claim('toolu_second', 'npm test');
    };
    // Green at the base: only what the work breaks sends it back.
    const files = project("printf 'a\\000b\\n' && { test ! -f src/double.js || test -f ok.txt; } && node --test");
    await watch(play, { files }, async (session) => {
      expect(await session.taskEnded()).toMatchObject({ status: 'completed' });
      expect(shown.join()).toContain('a\uFFFDb');
    });
  });
});

test.concurrent('every tool answers input that cannot be stored, and the work continues', async () => {
  const calls: [string, object, RegExp][] = [
    ['write_file', { path: 'a.txt', content: 'x\0y' }, /holds a NUL character.*write the escape/],
    ['edit_file', { path: 'old.test.js', old_text: 'old', new_text: 'x\ud83d' }, /holds half of a character/],
    ['bash', { command: "printf 'a\0b'" }, /holds a NUL character/],
    ['todo', { items: ['a\0', 'b\ud83d'] }, /a\uFFFD/],
    ['complete_task', { summary: '\0 done', evidence: [] }, /Not accepted/],
  ];
  const play: Play = (turn, request) => {
    const [name, input] = calls[turn - 1] ?? [];
    return name ? { tools: [call(name, input)] } : finish(turn, calls.length + 1, request);
  };
  await watch(play, { files: project('node --test') }, async (session) => {
    expect(await session.taskEnded()).toMatchObject({ status: 'completed' });
    const turns = await session.turns(await session.run());
    for (const [i, [name, , answer]] of calls.entries()) {
      const [made] = turns[i]?.tool_calls ?? [];
      expect([name, made?.result]).toEqual([name, expect.stringMatching(answer)]);
    }
  });
});

test.concurrent(
  'a person is refused such text by the name of the field, and the run can still be stopped',
  async () => {
    await watch(
      () => bash('sleep 300'),
      {},
      async (session) => {
        const { id } = await session.run((run) => run.turn > 0);
        const cases: [string, object, string][] = [
          [`/runs/${id}/interrupt`, { message: 'a\0b' }, 'message'],
          [`/runs/${id}/steer`, { kind: 'refocus', message: 'a\ud83d' }, 'message'],
          [`/runs/${id}/pause`, { reason: '\0' }, 'reason'],
          [`/runs/${id}/messages`, { content: '\0' }, 'content'],
          ['/tickets', { project_id: session.project_id, title: 'a\0', description: 'd' }, 'title'],
        ];
        for (const [path, body, field] of cases) {
          const answer = await session.api.request<{ details: { field: string }[] }>('POST', path, body);
          expect([path, answer.status, answer.body.details[0]?.field]).toEqual([path, 422, field]);
        }
        expect((await session.api.request('POST', `/runs/${id}/stop`, {})).status).toBe(202);
        expect((await session.ended()).status).not.toBe('completed');
      },
    );
  },
);
