import { z } from 'zod';
import { deterministicId } from '../support/ids.ts';
import { otherAgent } from './support/other-agent.ts';
import { defineTool } from './support/define-tool.ts';
import type { PlatformContext } from './support/tool.ts';
import { refused } from './support/tool-failure.ts';

const schema = z.strictObject({
  to: z.string().min(1).max(200).describe('Name of a registered agent, such as worker-testing-001.'),
  reason: z.string().trim().min(10, 'say in at least 10 characters why the other agent should do it').max(2000),
});

export const requestHandoff = defineTool({
  name: 'request_handoff',
  sessions: ['task'],
  collaboration: true,
  effect: 'record',
  description:
    'Ask that another registered agent takes over your task, because it has a capability that the task needs and you lack. Go on with the task meanwhile: you are stopped when the handoff is accepted, and the other agent continues from your last checkpoint. A repeated request is the same one.',
  schema,
  async run({ to, reason }, { record, services }: PlatformContext) {
    if (!record.task_id) return refused('Only work on a task can be handed over.');
    const { own, other } = await otherAgent(services.store, record, to);
    const thread = await services.store.collaboration.open(
      {
        id: deterministicId(`handoff:${record.id}:${other.id}`),
        organization_id: record.organization_id,
        kind: 'handoff',
        subject: reason.slice(0, 200),
        participants: [own.id, other.id],
        task_id: record.task_id,
        opened_by: own.name,
      },
      { from_agent_id: own.id, to_agent_id: other.id, reason },
    );
    if (thread.outcome) return refused(`That handoff was answered: ${thread.outcome}. Go on with the task yourself.`);
    const answers = other.elsewhere ? other.name : 'A person';
    return { text: `The handoff to ${other.name} is requested. ${answers} decides; go on with the task until then.` };
  },
});
