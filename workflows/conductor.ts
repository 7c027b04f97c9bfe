import type { WatchInput } from './contracts/watch.ts';
import { work } from './support/activities.ts';
import { watchLoop } from './support/watch-loop.ts';

/** Judges how a project's agents work together. */
export async function conductorWorkflow(input: WatchInput): Promise<void> {
  await watchLoop('conductor', input, async (_asked, state) => {
    const { active, available, reason } = await work.conductProject({
      organization_id: input.organization_id,
      project_id: input.project_id,
      cycle: state.cycle,
    });
    return {
      active,
      judged: active,
      interventions: 0,
      error: available ? null : (reason ?? 'the model is unavailable'),
    };
  });
}
