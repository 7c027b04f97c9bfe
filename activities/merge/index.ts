import { Context } from '@temporalio/activity';
import type { RunLimits } from '#workflows/domain/agent/run.ts';
import type { MergeInput, MergeSource, PreparedRun } from '#workflows/contracts/work.ts';
import { asData, oneLine } from '#workflows/domain/agent/untrusted.ts';
import { mergeScore, unmergeable, type MergeScore } from '#workflows/domain/merge/score.ts';
import { sandboxId } from '#workflows/domain/agent/sandbox-ids.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Services } from '../ports/services.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import { deterministicId, scheduledAt } from '../support/ids.ts';
import { createRun } from '../run/create-run.ts';
import { runLimits } from '../run/limits.ts';
import { checkCommit } from '../project/check-commit.ts';
import { hostProject } from '../ports/host-project.ts';

export interface ScoredSource extends MergeSource {
  score: MergeScore;
}

export type MergeStep = { source: MergeSource } & (
  { clean: true; sha: string } | { clean: false; conflicts: number; files: string[]; manual: boolean }
);

const who = { name: 'OmoiOS', email: 'merge@omoios.local' };

/** Joins branches: score, order, merge, resolve and verify. The target moves only when all steps succeeded. */
export function createMergeActivities(services: Services, tools: ToolBox) {
  const { store, repositories, codeHost, config } = services;

  async function scoreOf(projectId: string, head: string, source: MergeSource): Promise<MergeScore> {
    try {
      const merged = await repositories.mergeTree(projectId, head, source.sha);
      const base = (await repositories.mergeBase(projectId, head, source.sha)) ?? head;
      const ours = new Set((await repositories.changedFiles(projectId, base, head)).map((file) => file.path));
      const theirs = await repositories.changedFiles(projectId, base, source.sha);
      return mergeScore({
        messages: merged.messages,
        conflicted: merged.conflicts.map((conflict) => conflict.path),
        overlap: theirs.filter((file) => ours.has(file.path)).length,
      });
    } catch {
      return unmergeable;
    }
  }

  /** Sorts by conflicts, fewest first. Sources without a score come last. */
  async function inOrder(projectId: string, head: string, sources: MergeSource[]): Promise<ScoredSource[]> {
    const scored: ScoredSource[] = [];
    for (const { sha, branch, title, subject_id } of sources)
      scored.push({
        sha,
        branch,
        title,
        subject_id,
        score: await scoreOf(projectId, head, { sha, branch, title, subject_id }),
      });
    return scored.sort((a, b) => a.score.conflicts - b.score.conflicts || a.score.overlap - b.score.overlap);
  }

  return {
    /** Creates the merge's record with its sources in order. */
    scoreMerge: async (input: MergeInput): Promise<{ head_sha: string; sources: ScoredSource[] }> => {
      const head = await repositories.resolve(input.project_id, `refs/heads/${input.target}`);
      if (!head) throw new AppError('repository', `The branch ${input.target} does not exist.`);
      const sources = await inOrder(input.project_id, head, input.sources);
      await store.merges.start({
        id: input.merge_id,
        organization_id: input.organization_id,
        project_id: input.project_id,
        ticket_id: input.ticket_id,
        spec_id: input.spec_id,
        target: input.target,
        sources: sources.map((s) => ({ ref: s.branch, sha: s.sha, title: s.title, ...s.score })),
      });
      return { head_sha: head, sources };
    },

    /** Merges the source with the fewest conflicts into the result so far, in memory. A conflict changes nothing. */
    mergeNext: async (input: {
      merge_id: string;
      project_id: string;
      onto: string;
      sources: MergeSource[];
    }): Promise<MergeStep> => {
      const { project_id: projectId, onto } = input;
      const [{ score: _score, ...source }] = (await inOrder(projectId, onto, input.sources)) as [ScoredSource];
      if (await repositories.isAncestor(projectId, source.sha, onto)) return { source, clean: true, sha: onto };
      const merged = await repositories.mergeTree(projectId, onto, source.sha);
      if (merged.conflicts.length === 0) {
        const sha = await repositories.commitTree(projectId, {
          tree: merged.tree,
          parents: [onto, source.sha],
          message: `Merge ${source.branch}\n\n${source.title}`,
          author: who,
          date: scheduledAt(),
        });
        await store.merges.update(input.merge_id, {}, { step: 'merged', source: source.branch, sha });
        return { source, clean: true, sha };
      }
      const score = mergeScore({
        messages: merged.messages,
        conflicted: merged.conflicts.map((conflict) => conflict.path),
        overlap: 0,
      });
      const manual = score.conflicts > config.merge.manual_over_conflicts;
      await store.merges.update(
        input.merge_id,
        {
          status: manual ? 'manual' : 'conflict',
          error: manual ? `${score.conflicts} conflicts: a person has to merge ${source.branch}.` : null,
        },
        { step: 'conflict', source: source.branch, conflicts: score.conflicts, files: score.files },
      );
      return { source, clean: false, conflicts: score.conflicts, files: score.files, manual };
    },

    /** Creates the run of an agent that resolves a merge: files with conflict markers, or a merge whose check fails. */
    prepareResolution: async (
      input: MergeInput & {
        onto: string;
        source: MergeSource | null;
        failure: string | null;
        attempt: number;
        /** No fresh run follows this one; absent in a step from an earlier version. */
        last?: boolean;
      },
    ): Promise<PreparedRun> => {
      const { project_id: projectId, onto, source } = input;
      const project = await store.projects.get(input.organization_id, projectId);
      const limits: RunLimits = {
        ...runLimits(config, 'merge', project.settings),
        max_turns: config.merge.resolver_turns,
        ...(input.last ? { asks_at: ['turns', 'time'] } : {}),
      };
      const runId = deterministicId(`merge:${input.merge_id}:${source?.sha ?? 'check'}:${onto}:${input.attempt}`);
      let start = onto;
      let files: string[] = [];
      if (source) {
        const merged = await repositories.mergeTree(projectId, onto, source.sha);
        files = [...new Set(merged.conflicts.map((conflict) => conflict.path))];
        start = await repositories.commitTree(projectId, {
          tree: merged.tree,
          parents: [onto],
          message: `Merge ${source.branch}, with conflicts`,
          author: who,
          date: scheduledAt(),
        });
      }
      const base = source ? ((await repositories.mergeBase(projectId, onto, source.sha)) ?? onto) : onto;
      const sides = source
        ? [
            {
              title: 'Work on the branch so far',
              text: asData(
                'diff of our side',
                (await repositories.diff(projectId, base, onto, { maxBytes: 25_000, paths: files })).patch,
              ),
            },
            {
              title: `What "${oneLine(source.title)}" did`,
              text: asData(
                'diff of their side',
                (await repositories.diff(projectId, base, source.sha, { maxBytes: 25_000, paths: files })).patch,
              ),
            },
          ]
        : [{ title: 'The check that fails after the merge', text: asData('output', input.failure ?? '') }];
      const title = source ? `Merge ${source.branch} into ${input.target}` : `Fix ${input.target} after merging`;
      const goal = source
        ? `Resolve the conflicts in ${files.join(', ')}: keep what both sides wanted, leave no marker, and make the tests of both pass.`
        : 'Each branch passed its checks alone; after the merge the check fails. Find which assumption of one side the other side breaks, and fix it.';
      const prepared = await createRun(services, tools, {
        id: runId,
        kind: 'merge',
        mode: 'merge',
        attempt: input.attempt,
        title,
        goal,
        subject: {
          organization_id: input.organization_id,
          project_id: projectId,
          spec_id: input.spec_id,
          ticket_id: input.ticket_id,
          task_id: null,
        },
        context: {
          spec_id: input.spec_id,
          attempt: input.attempt,
          ticket_id: input.ticket_id,
          task_id: source?.subject_id ?? null,
          title,
        },
        criteria: [],
        changes_expected: true,
        opening: { goal, code_sha: onto, sections: sides },
        sandbox_id: sandboxId(runId, runId),
        branch: `merge/${runId.slice(0, 8)}`,
        base_sha: onto,
        head_sha: start,
        limits,
      });
      await store.merges.update(input.merge_id, { status: 'resolving' }, { step: 'resolving', run_id: runId, files });
      return prepared;
    },

    /** Commits the resolver's files as a merge of both sides. */
    takeResolution: async (input: {
      organization_id: string;
      merge_id: string;
      run_id: string;
      onto: string;
      source: MergeSource | null;
    }): Promise<{ sha: string }> => {
      const run = await store.runs.get(input.organization_id, input.run_id);
      const { tree, summary } = (run.outcome ?? {}) as { tree?: string; summary?: string };
      if (!tree) throw new AppError('internal', 'The resolver left no files.');
      const parents = input.source ? [input.onto, input.source.sha] : [input.onto];
      const message = `${input.source ? `Merge ${input.source.branch}` : run.title}\n\n${summary ?? ''}`;
      const sha = await repositories.commitTree(run.project_id, {
        tree,
        parents,
        message,
        author: who,
        date: scheduledAt(),
      });
      await store.merges.update(
        input.merge_id,
        { status: 'resolved' },
        { step: 'resolved', run_id: run.id, sha, reasoning: summary ?? '' },
      );
      return { sha };
    },

    verifyMerge: async (input: {
      organization_id: string;
      project_id: string;
      merge_id: string;
      sha: string;
      /** The target before the merge. Absent in histories from before checks were compared with their base. */
      from?: string;
    }): Promise<{ passed: boolean; output: string }> => {
      const signal = Context.current().cancellationSignal;
      const check = await checkCommit(
        services,
        {
          organization_id: input.organization_id,
          project_id: input.project_id,
          sha: input.sha,
          base_sha: input.from ?? input.sha,
          name: `merge-${input.sha.slice(0, 12)}`,
        },
        signal,
      );
      await store.merges.update(
        input.merge_id,
        {},
        { step: 'verified', sha: input.sha, passed: check.passed, command: check.command ?? null },
      );
      return { passed: check.passed, output: check.passed ? '' : `${check.command}\n${check.note}\n${check.output}` };
    },

    /** Moves the target once. False: the target has moved meanwhile, so the merge has to be repeated. */
    landMerge: async (input: MergeInput & { from: string; sha: string }): Promise<{ landed: boolean }> => {
      const ref = `refs/heads/${input.target}`;
      const current = await repositories.resolve(input.project_id, ref);
      if (current !== input.sha && !(await repositories.updateRef(input.project_id, ref, input.sha, input.from)))
        return { landed: false };
      const project = await store.projects.get(input.organization_id, input.project_id);
      await codeHost.pushBranch(hostProject(project), input.target, input.sha);
      if (input.ticket_id) await store.tickets.patch(input.organization_id, input.ticket_id, { head_sha: input.sha });
      await store.merges.update(
        input.merge_id,
        { status: 'completed', merged_sha: input.sha },
        { step: 'landed', sha: input.sha },
      );
      return { landed: true };
    },

    /** The number of the next merge of a ticket or spec: the count of its merges plus one. */
    nextMerge: async (input: { subject_id: string }): Promise<{ n: number }> => ({
      n: (await store.merges.count(input.subject_id)) + 1,
    }),

    failMerge: async (input: { merge_id: string; message: string; manual: boolean }): Promise<void> => {
      await store.merges.update(
        input.merge_id,
        { status: input.manual ? 'manual' : 'failed', error: input.message },
        { step: 'failed', message: input.message },
      );
    },
  };
}
