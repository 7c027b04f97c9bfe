import type { MergeInput, MergeResult, MergeSource } from './contracts/work.ts';
import { records, work } from './support/activities.ts';
import { runAgent } from './support/agent-child.ts';
import { failureOf, stepFailure, wasCancelled } from './support/failure.ts';
import { ProgressReport } from './support/progress.ts';
import { cutEnd } from './domain/text.ts';

const maxResolutions = 2;
const maxRounds = 5;

/**
 * Merges finished branches into one, all or nothing: the source with the fewest conflicts first. An agent resolves
 * conflicts, and the project's own check verifies the result. The target branch moves last. No side's change is dropped
 * silently.
 */
export async function mergeWorkflow(input: MergeInput): Promise<MergeResult> {
  const progress = new ProgressReport(`merging into ${input.target}`);
  const fail = async (message: string, manual = false): Promise<MergeResult> => {
    await records.failMerge({ merge_id: input.merge_id, message, manual });
    progress.set('failed', message);
    return { status: 'failed', head_sha: null, message };
  };
  try {
    return await mergeRounds(input, progress, fail);
  } catch (error) {
    if (wasCancelled(error)) throw error;
    return fail(stepFailure(error));
  }
}

async function mergeRounds(
  input: MergeInput,
  progress: ProgressReport,
  fail: (message: string, manual?: boolean) => Promise<MergeResult>,
): Promise<MergeResult> {
  async function resolve(
    onto: string,
    source: MergeSource | null,
    failure: string | null,
  ): Promise<{ sha: string } | { failed: string }> {
    let reason = '';
    for (let attempt = 1; attempt <= maxResolutions; attempt += 1) {
      const prepared = await work.prepareResolution({
        ...input,
        onto,
        source,
        failure,
        attempt,
        last: attempt === maxResolutions,
      });
      try {
        const outcome = await runAgent(input, prepared, 'merge');
        if (outcome.status === 'completed')
          return await work.takeResolution({
            organization_id: input.organization_id,
            merge_id: input.merge_id,
            run_id: prepared.run_id,
            onto,
            source,
          });
        reason = outcome.message;
      } catch (error) {
        if (wasCancelled(error)) throw error;
        reason = failureOf(error).message;
      }
    }
    return { failed: reason };
  }

  for (let round = 1; round <= maxRounds; round += 1) {
    progress.now.attempt = round;
    progress.set('running', 'scoring the sources');
    const { head_sha: from, sources } = await work.scoreMerge(input);
    let head = from;
    let plain = true;
    let left: MergeSource[] = sources;
    while (left.length > 0) {
      progress.set('running', `merging, ${left.length} left`);
      const step = await work.mergeNext({
        merge_id: input.merge_id,
        project_id: input.project_id,
        onto: head,
        sources: left,
      });
      const { source } = step;
      left = left.filter((other) => other.sha !== source.sha);
      if (step.clean) {
        head = step.sha;
        continue;
      }
      if (step.manual)
        return fail(
          `${step.conflicts} conflicts between ${source.branch} and ${input.target}: a person has to merge them.`,
          true,
        );
      progress.set('running', `resolving ${step.conflicts} conflicts in ${step.files.join(', ')}`);
      const resolved = await resolve(head, source, null);
      if ('failed' in resolved)
        return fail(`The conflicts between ${source.branch} and ${input.target} were not resolved: ${resolved.failed}`);
      head = resolved.sha;
      plain = false;
    }
    if (head !== from) {
      progress.set('running', 'checking the result');
      let check = await work.verifyMerge({
        organization_id: input.organization_id,
        project_id: input.project_id,
        merge_id: input.merge_id,
        sha: head,
        from,
      });
      if (!check.passed && plain) {
        const fixed = await resolve(head, null, check.output);
        if ('failed' in fixed)
          return fail(`After the merge the project's check fails, and it was not fixed: ${fixed.failed}`);
        head = fixed.sha;
        check = await work.verifyMerge({
          organization_id: input.organization_id,
          project_id: input.project_id,
          merge_id: input.merge_id,
          sha: head,
          from,
        });
      }
      if (!check.passed) return fail(`After the merge the project's check fails:\n${cutEnd(check.output, 2000)}`);
    }
    const { landed } = await work.landMerge({ ...input, from, sha: head });
    if (landed) {
      progress.set('completed', 'merged');
      return { status: 'completed', head_sha: head, message: 'merged' };
    }
  }
  return fail(`${input.target} kept moving while it was merged into.`);
}
