import { AgentLoop } from './agent/loop.ts';
import type { AgentInput, RunOutcome } from './contracts/run.ts';

/** One run of an agent, from its sandbox to its outcome. */
export async function agentWorkflow(input: AgentInput): Promise<RunOutcome> {
  return new AgentLoop(input).untilEnd();
}
