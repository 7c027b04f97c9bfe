import type { WatchInput } from './contracts/watch.ts';
import { work } from './support/activities.ts';
import { watchLoop } from './support/watch-loop.ts';

/** Stops idle runs, fails runs whose workflow has ended, and destroys sandboxes that no run uses. */
export async function healthWorkflow(input: WatchInput): Promise<void> {
  // Active runs of the last cycle: an event is emitted when the number changes.
  let lastActive: number | undefined;
  await watchLoop('health', input, async () => {
    const { active, waits } = await work.checkHealth({
      organization_id: input.organization_id,
      project_id: input.project_id,
      last_reported: lastActive ?? null,
    });
    lastActive = active;
    // A task that nobody begins keeps the loop awake.
    return { active: active || (waits ? 1 : 0), judged: active, interventions: 0, error: null };
  });
}
