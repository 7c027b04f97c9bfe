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
});
