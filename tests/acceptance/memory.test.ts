import type { Item } from '#server/contracts/client.ts';
import type { listMemories } from '#server/contracts/memory.ts';
import { eventually } from '#tests/support/api.ts';
import type { Played, Reply, ToolUse } from '#tests/support/played-model.ts';
import { finishTask } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, taskIs, works } from '#tests/support/work.ts';

const lesson = 'Always end each line of a list with a semicolon.';

/** A task finds out how lists are written here; another one that knows it does so at once. */
function writesLists(request: Played): Reply {
  const name = /list-\w+/.exec(request.context.title ?? '')?.[0];
  if (request.context.kind !== 'task' || !name) return works({})(request);
  const knows = request.text.includes(lesson);
  const reply = finishTask(request, { [`${name}.txt`]: knows ? 'a;\n' : 'a\n' });
  const [done] = (reply as { tools: ToolUse[] }).tools;
  if (done?.name === 'complete_task')
    done.input = { ...(done.input as object), summary: `Wrote ${name}. ${name === 'list-one' ? lesson : ''}` };
  return reply;
}

test('[MEM-01] [MEM-05] what a task found out is stored unasked; the next one is told and does better, until it is forgotten', async () => {
  const played = await playOnShared(writesLists);
  const { id: project_id, repository } = await newProject(api(), undefined, { validation: 'none' });
  const ticket = await newTicket(project_id, 'Lists');
  const write = async (name: string) => {
    const { id } = await addTask(ticket.id, `Write the ${name} of members ${played.word}`, { task_type: 'write_list' });
    const { branch, head_sha } = await taskIs(id, 'completed');
    return { id, text: repository.show(head_sha ?? branch ?? '', `${name}.txt`) };
  };
  const learned = async (task_id: string) => {
    let found: Item<typeof listMemories>[] = [];
    await eventually('a memory of the task', async () => {
      found = await api().all<Item<typeof listMemories>>(`/memory?task_id=${task_id}`);
      return found.length > 0;
    });
    return found;
  };
  const given = async (task_id: string) =>
    (await api().get<{ given: { memory_ids: string[]; entry_ids: string[] } }>(`/memory/tasks/${task_id}/context`))
      .given;

  const first = await write('list-one');
  expect(first.text).toBe('a');
  const [memory] = await learned(first.id);
  expect(memory).toMatchObject({ success: true, files: ['list-one.txt'], attempt: 1, embedded: true });
  const [rule] = (await api().get<{ items: { id: string; content: string }[] }>(`/playbook?project_id=${project_id}`))
    .items;
  expect(rule?.content).toBe(lesson);

  const second = await write('list-two');
  expect(second.text).toBe('a;');
  expect(await given(second.id)).toEqual({ memory_ids: [memory?.id], entry_ids: [rule?.id] });
  await learned(second.id);
  const { results } = await api().post<{ results: { id: string; uses: object }[] }>('/memory/search', {
    project_id,
    task_description: 'Write the list of members',
    similarity_threshold: 0,
  });
  expect(results.find(({ id }) => id === memory?.id)?.uses).toEqual({ helped: 1, failed: 0 });

  await api().request('PATCH', `/playbook/${rule?.id}`, { is_active: false });
  await api().request('DELETE', `/memory/${memory?.id}`);
  const third = await write('list-three');
  expect(third.text).toBe('a');
  await played.stop();
});
