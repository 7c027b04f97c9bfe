import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../../ports/services.ts';
import { ToolFailure } from './tool-failure.ts';

/**
 * The registered agent that a run works for, and the one that it names.
 * @throws ToolFailure where the run has no agent, and for a name that is no other agent of its project; it lists those.
 */
export async function otherAgent(store: Services['store'], run: Run, name: string) {
  const agents = await store.agents.open(run.organization_id, run.project_id);
  const own = agents.find(({ id }) => id === run.agent_id);
  if (!own) throw new ToolFailure('forbidden', 'This run works for no registered agent, so it cannot write to others.');
  const others = agents.filter(({ id }) => id !== own.id);
  const other = others.find((one) => one.name === name || one.id === name.toLowerCase());
  if (other) return { own, other };
  const names = others.slice(0, 20).map((one) => one.name);
  throw new ToolFailure(
    'not_found',
    names.length > 0
      ? `No other agent of this project is called ${name}. There are: ${names.join(', ')}.`
      : 'No other agent is registered for this project.',
  );
}
