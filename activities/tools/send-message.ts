import { z } from 'zod';
import { deterministicId } from '../support/ids.ts';
import { otherAgent } from './support/other-agent.ts';
import { defineTool } from './support/define-tool.ts';
import type { PlatformContext } from './support/tool.ts';

const schema = z.strictObject({
  to: z.string().min(1).max(200).describe('Name of a registered agent, such as worker-testing-001.'),
  content: z.string().trim().min(1).max(10_000),
});

export const sendMessage = defineTool({
  name: 'send_message',
  sessions: ['task'],
  collaboration: true,
  effect: 'record',
  description:
    'Tell another registered agent of this project something that its work needs: an interface that you have fixed, a file that you are about to change. It reads the message with its next turn, as information, not as an order, and may not answer. Not for questions to people (ask_user) and not for problems that need work (report_discovery).',
  schema,
  async run({ to, content }, { record, call, services }: PlatformContext) {
    const { own, other } = await otherAgent(services.store, record, to);
    const { collaboration } = services.store;
    const thread = await collaboration.open({
      id: deterministicId(`talk:${record.id}:${other.id}`),
      organization_id: record.organization_id,
      kind: 'consultation',
      subject: record.title.slice(0, 200),
      participants: [own.id, other.id],
      task_id: record.task_id,
      opened_by: own.name,
    });
    const [sent] = await collaboration.send(record.organization_id, {
      ids: [deterministicId(`agent-message:${call.job_id}`)],
      ...{ thread_id: thread.id, from_agent_id: own.id, to: [other.id], content },
    });
    return {
      text: sent?.read_at
        ? `${other.name} reads it with its next turn.`
        : `${other.name} is not at work now: it reads the message when it is.`,
    };
  },
});
