import type { WatchInput } from './contracts/watch.ts';
import { work } from './support/activities.ts';
import { watchLoop } from './support/watch-loop.ts';

/** Ends what has died without anybody noticing, and clears up after it. */
export async function healthWorkflow(input: WatchInput): Promise<void> {
  // Told when it has changed: a feed of sameness hides what matters.
  let told: number | undefined;
  await watchLoop('health', input, async () => {
    const { active } = await work.checkHealth({
      organization_id: input.organization_id,
      project_id: input.project_id,
      told: told ?? null,
    });
    told = active;
    return { active, judged: active, interventions: 0, error: null };
  });
}
