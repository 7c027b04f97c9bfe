import type { Services } from '../ports/services.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import { createCompact } from './compact.ts';
import { Conversations } from './conversation.ts';
import { createModelTurn } from './turn/index.ts';
import { createRunCalls } from './run-calls.ts';
import { createStretch } from './stretch/index.ts';
import { createSession } from './session.ts';
import { createJudgeIteration } from './judge-iteration.ts';
import { createWorkspaceMerge } from './workspace-merge.ts';

/** The activities of an agent's loop. */
export function createAgentActivities(services: Services, tools: ToolBox) {
  const conversations = new Conversations(services.config.model);
  const turns = createModelTurn(services, tools, conversations);
  const calls = createRunCalls(services, tools);
  return {
    stretch: createStretch(services, { tools, turns, calls }),
    modelTurn: turns.modelTurn,
    ...calls.activities,
    ...createSession(services, conversations),
    settleIteration: createJudgeIteration(services),
    compact: createCompact(services, tools, conversations),
    mergeIntoWorkspace: createWorkspaceMerge(services),
  };
}
