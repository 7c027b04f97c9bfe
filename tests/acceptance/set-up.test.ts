import { eventually } from '#tests/support/api.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { answerValue, call, finishTask } from '#tests/support/scripts.ts';
import { makeTest } from '#tests/support/repository.ts';
import { addTask, newTicket, task, taskIs } from '#tests/support/work.ts';

describe('the set-up of a project', () => {
  test('runs once for all tasks of a feature', async () => {
    const played = await playOnShared((request) => {
      const value = answerValue(request);
      if (value) return value;
      const name = /(\w+) of/.exec(request.context.title ?? '')?.[1];
      if (request.step > 0) return finishTask(request, { [`src/${name}.txt`]: '' });
      // What the set-up made is litter, so the agent copies it into its work.
      return { tools: [call('bash', { command: `mkdir -p src && cp node_modules/stamp src/${name}.txt` })] };
    });
    const files = {
      ...makeTest,
      'install.sh': 'mkdir -p node_modules && cat /proc/sys/kernel/random/uuid >node_modules/stamp\n',
    };
    const settings = { setup: ['sh install.sh'], network: 'none', validation: 'none' };
    const { id: project_id, repository } = await newProject(api(), files, settings);
    const ticket = await newTicket(project_id, `Stamps ${played.word}`);
    const [first, second] = await Promise.all(
      ['One', 'Two'].map((name) => addTask(ticket.id, `${name} of ${played.word}`)),
    );
    const stampOf = async (id = '', name = '') => {
      await taskIs(id, 'completed');
      return repository.show((await task(id)).branch ?? '', `src/${name}.txt`);
    };
    const stamp = await stampOf(first?.id, 'One');
    expect(stamp).toMatch(/^[0-9a-f-]{36}$/);
    expect(await stampOf(second?.id, 'Two')).toBe(stamp);
    await played.stop();
  });

  /** Plans until the first session has run its command. Gives the result, and the session's requests. */
  async function planned(install: string, command: string) {
    const played = await playOnShared(
      (request) =>
        answerValue(request) ??
        (request.context.kind === 'phase' && request.step === 0
          ? { tools: [call('bash', { command })] }
          : { hang: true }),
    );
    const settings = { setup: ['sh install.sh'], network: 'registries' };
    const { id: project_id } = await newProject(api(), { ...makeTest, 'install.sh': install }, settings);
    const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: `Stamps ${played.word}`,
      description: `Stamps for ${played.word}.`,
      auto_execute: true,
    });
    const planning = () => played.model.requests.filter(({ context }) => context.kind === 'phase');
    await eventually('the command has run', () => planning().length > 1, 60_000);
    await api().post(`/specs/${spec_id}/cancel`);
    await played.stop();
    const [first, second] = planning();
    return { opening: first?.text ?? '', result: second?.results[0]?.text ?? '' };
  }

  test('reaches planners, whose commands may write and have the network of the project', async () => {
    const { opening, result } = await planned(
      'mkdir -p node_modules && echo stamped >node_modules/stamp\n',
      'cat node_modules/stamp && echo x >src.txt && echo "by $https_proxy"',
    );
    expect(result).toMatch(/^exit 0 .*\nstamped\nby http:\/\/127\.0\.0\.1:3128/s);
    expect(opening).not.toContain('set-up failed');
  });

  test('that fails delays no plan, and the planner reads which command failed', async () => {
    const { opening, result } = await planned('exit 3\n', 'echo planned');
    expect(result).toMatch(/^exit 0 .*planned/s);
    expect(opening).toContain("The project's set-up failed in your sandbox");
    expect(opening).toContain('sh install.sh');
  });
});
