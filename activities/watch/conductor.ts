import { Context } from '@temporalio/activity';
import { coherence, recommendations, type WatchedAgent } from '#workflows/domain/watch/coherence.ts';
import { conductorSchema } from '#workflows/domain/watch/conductor.ts';
import { asData } from '#workflows/domain/agent/untrusted.ts';
import { isEnabled } from '../ports/is-enabled.ts';
import { askForValue } from '../support/ask-for-value.ts';
import { activityId } from '../support/ids.ts';
import type { Services } from '../ports/services.ts';

interface Pair {
  first: { run_id: string; title: string };
  second: { run_id: string; title: string };
  shared_files: string[];
  likeness: number;
}

/** Analyses all agents of a project together: computes their coherence and finds agents that do the same work. */
export function createConductor(services: Services) {
  const { store, config, embeddings } = services;

  /** Overlaps found by rule: files that both changed or own, and similar goals. The model judges only these. */
  async function overlaps(owner: { organization_id: string; project_id: string }): Promise<Pair[]> {
    const runs = (await store.runs.activeOf(owner.project_id)).filter((run) => run.kind === 'task');
    const facts = await Promise.all(
      runs.map(async (run) => {
        const task = run.task_id ? await store.tasks.get(run.organization_id, run.task_id) : null;
        const checkpoints = await store.toolCalls.checkpoints(run.id);
        const files = new Set([
          ...(task?.owned_files ?? []),
          ...checkpoints.flatMap((checkpoint) =>
            (checkpoint.files as { path: string; merged?: boolean }[])
              .filter((file) => !file.merged)
              .map((file) => file.path),
          ),
        ]);
        return {
          run_id: run.id,
          title: run.title,
          phase: run.phase ?? run.kind,
          goal: `${run.title} ${run.goal}`,
          files,
        };
      }),
    );
    const vectors = await embeddings.embed(
      facts.map((fact) => fact.goal),
      owner,
    );
    const pairs: Pair[] = [];
    for (let i = 0; i < facts.length; i += 1) {
      for (let j = i + 1; j < facts.length; j += 1) {
        const [a, b] = [facts[i], facts[j]];
        if (!a || !b || a.phase !== b.phase) continue;
        const shared = [...a.files].filter((file) => b.files.has(file));
        const likeness = (vectors[i]?.vector ?? []).reduce((sum, x, k) => sum + x * (vectors[j]?.vector[k] ?? 0), 0);
        if (shared.length > 0 || likeness >= 0.6) pairs.push({ first: a, second: b, shared_files: shared, likeness });
      }
    }
    return pairs;
  }

  return {
    conductProject: async (input: {
      organization_id: string;
      project_id: string;
      cycle: number;
    }): Promise<{ active: number; available: boolean; reason: string | null; score: number }> => {
      const signal = Context.current().cancellationSignal;
      const rows = await store.watching.recentOf(input.project_id, config.monitoring.analysis_window);
      const agents: WatchedAgent[] = rows.map((row) => ({
        phase: row.phase,
        alignment_score: row.alignment_score,
        aligned: row.trajectory_aligned,
        needs_steering: row.needs_steering,
      }));
      const isJudged = await isEnabled(services, input.organization_id, 'guardian');
      const pairs = isJudged ? await overlaps(input) : [];
      const answer =
        pairs.length === 0
          ? null
          : await askForValue(
              services,
              {
                key: `conductor:${input.project_id}:${rows.map((row) => row.run_id.slice(0, 8)).join('')}:${input.cycle}`,
                subject: input.project_id,
                context: { kind: 'conductor', title: 'duplicate work' },
                model: config.model.small_name,
                system:
                  'Several agents work on one project. Code has found pairs that touch the same files or say the same. Judge only these pairs: do both do the same work, so that one of them is superfluous? Work on different parts of one file is not a duplicate.',
                prompt: asData(
                  'pairs',
                  JSON.stringify(
                    pairs.map((pair) => ({
                      first_run_id: pair.first.run_id,
                      first: pair.first.title,
                      second_run_id: pair.second.run_id,
                      second: pair.second.title,
                      shared_files: pair.shared_files,
                    })),
                  ),
                ),
                tool: {
                  name: 'give_duplicates',
                  description: 'The pairs that do the same work; an empty list is a good answer.',
                },
                schema: conductorSchema,
                scope: { organization_id: input.organization_id, project_id: input.project_id },
              },
              signal,
            );
      const known = new Set(pairs.map((pair) => `${pair.first.run_id} ${pair.second.run_id}`));
      const duplicates = answer?.available
        ? answer.value.duplicates.filter(
            (d) =>
              d.is_duplicate &&
              d.similarity_score > config.coherence.duplicate_similarity &&
              (known.has(`${d.first_run_id} ${d.second_run_id}`) || known.has(`${d.second_run_id} ${d.first_run_id}`)),
          )
        : [];
      const result = coherence(agents, duplicates.length, config.coherence);
      const judged = agents.flatMap(({ alignment_score: score }) => (score === null ? [] : [score]));
      const counts = await store.watching.countsOf(input.project_id, config.monitoring.analysis_window);
      await store.watching.saveConductor(
        {
          ...counts,
          id: activityId(),
          organization_id: input.organization_id,
          project_id: input.project_id,
          coherence_score: result.score,
          system_status: result.status,
          active_agents: agents.length,
          terms: result.terms,
          duplicates,
          recommendations: recommendations(result, agents, duplicates, config.coherence.warning),
        },
        judged.length > 0 ? judged.reduce((sum, score) => sum + score, 0) / judged.length : null,
      );
      return {
        active: agents.length,
        available: answer === null || answer.available,
        reason: answer && !answer.available ? answer.reason : null,
        score: result.score,
      };
    },
  };
}
