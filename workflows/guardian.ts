import type { WatchInput } from './contracts/watch.ts';
import { records, work } from './support/activities.ts';
import { watchLoop } from './support/watch-loop.ts';

/** Judges every agent of a project, a few at once, and steers the one that drifts. */
export async function guardianWorkflow(input: WatchInput): Promise<void> {
  const ref = { organization_id: input.organization_id, project_id: input.project_id };
  await watchLoop('guardian', input, async (asked) => {
    const { active, run_ids: runIds } = await records.runsToJudge({ ...ref, asked_for: asked });
    const judged = [];
    const atOnce = input.concurrency ?? 5;
    for (let i = 0; i < runIds.length; i += atOnce) {
      judged.push(
        ...(await Promise.all(
          runIds
            .slice(i, i + atOnce)
            .map((runId) => work.judgeRun({ organization_id: input.organization_id, run_id: runId })),
        )),
      );
    }
    const failed = judged.find((item) => !item.available);
    return {
      active,
      judged: judged.length,
      interventions: judged.filter((item) => item.steered).length,
      error: failed ? (failed.reason ?? 'the model is unavailable') : null,
    };
  });
}
