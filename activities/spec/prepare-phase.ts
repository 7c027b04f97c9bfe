import type { PreparedRun } from '#workflows/contracts/work.ts';
import { sandboxQueue } from '#workflows/contracts/ids.ts';
import { phases, phaseTitle, progressAt, type PhaseId } from '#workflows/domain/phases/index.ts';
import { mayRetry } from '#workflows/domain/tasks/retry.ts';
import { specSandboxId } from '#workflows/domain/agent/sandbox-ids.ts';
import { specBranch } from '#workflows/domain/tasks/branches.ts';
import { present } from '#workflows/domain/errors.ts';
import { repositorySource } from '../ports/repositories.ts';
import type { Services } from '../ports/services.ts';
import { branchHead } from '../project/branch-head.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import { deterministicId } from '../support/ids.ts';
import { createRun } from '../run/create-run.ts';
import { runLimits } from '../run/limits.ts';
import { freeBranch, hostProject } from '../project/host-project.ts';

export interface PhaseRef {
  organization_id: string;
  spec_id: string;
  phase: string;
}

export function createPhaseActivities(services: Services, tools: ToolBox) {
  const { store, repositories, codeHost, config, sandbox } = services;

  return {
    /** Fetches the code to plan for, and creates the branch into which all work of the spec is joined. */
    openSpec: async (input: {
      organization_id: string;
      spec_id: string;
    }): Promise<{ branch: string; base_sha: string }> => {
      const spec = await store.specs.get(input.organization_id, input.spec_id);
      const project = await store.projects.get(spec.organization_id, spec.project_id);
      let { branch, base_sha: base } = spec;
      if (!branch || !base) {
        base = (await repositories.sync(project.id, repositorySource(project), project.default_branch)).sha;
        branch = await freeBranch(services, project.id, specBranch(spec));
        await store.specs.update(
          spec.organization_id,
          spec.id,
          { branch, base_sha: base, status: 'executing', started_at: spec.started_at ?? new Date() },
          {
            event: {
              type: 'spec.execution_started',
              data: { description: spec.description, phases: spec.plan.phases },
            },
          },
        );
      }
      await repositories.updateRef(project.id, `refs/heads/${branch}`, base, '');
      await codeHost.pushBranch(hostProject(project), branch, await branchHead(services, project.id, branch));
      await store.specs.branchMade(spec, branch);
      return { branch, base_sha: base };
    },

    /**
     * Creates the run of a phase's next attempt. `chain` counts how often the phase was started from its beginning;
     * `session` counts the runs within a chain, since a new run follows a broken one.
     */
    preparePhase: async (
      input: PhaseRef & { chain: number; session: number; feedback: string | null },
    ): Promise<PreparedRun> => {
      const spec = await store.specs.get(input.organization_id, input.spec_id);
      const project = await store.projects.get(spec.organization_id, spec.project_id);
      const branch = present(spec.branch, 'the branch of the spec');
      const base = present(spec.base_sha, 'the base of the spec');
      const phase = phases[input.phase as PhaseId];
      const runs = await store.runs.list(spec.organization_id, { spec_id: spec.id, kind: 'phase' }, { limit: 200 });
      const ofChain = runs.items.filter((run) => run.phase === input.phase && run.settings.chain === input.chain);
      const existing = ofChain.find((run) => run.settings.session === input.session);
      const limits = runLimits(config, 'phase', project.settings);
      if (existing)
        return { run_id: existing.id, attempt: existing.attempt, sandbox_queue: sandboxQueue(sandbox.host), limits };

      const runId = deterministicId(`phase:${spec.id}:${input.phase}:${input.chain}:${input.session}`);
      const attempts = (await store.specs.attempts(spec.id)).filter((known) => known.phase === input.phase);
      const started = attempts.find((known) => known.run_id === runId);
      const last = attempts.findLast((known) => known !== started);
      const attempt = started?.attempt ?? (last?.attempt ?? 0) + 1;
      const lastAttempt = ofChain[0]?.settings.last_attempt ?? attempt + config.phase.attempts - 1;
      const row =
        started ?? (await store.specs.startAttempt(spec.organization_id, spec.id, input.phase, attempt, runId));
      await store.specs.update(spec.organization_id, spec.id, {
        current_phase: input.phase,
        progress: progressAt(spec.plan.phases, phase.id, 'start'),
        waiting_for: null,
      });
      const prior = await store.specs.outputs(spec.id);
      const feedback = input.feedback ?? last?.feedback ?? undefined;
      const draft = row.draft ?? undefined;
      return createRun(services, tools, {
        id: runId,
        kind: 'phase',
        mode: 'exploration',
        attempt,
        title: `${phaseTitle(phase.id)}: ${spec.title}`,
        goal: spec.description,
        subject: {
          organization_id: spec.organization_id,
          project_id: spec.project_id,
          spec_id: spec.id,
          phase: input.phase,
        },
        context: { spec_id: spec.id, phase: input.phase, attempt, title: spec.title },
        changes_expected: false,
        opening: {
          goal: phase.instructions({ title: spec.title, description: spec.description, prior, draft, feedback }),
          code_sha: base,
          sections: [],
        },
        sandbox_id: specSandboxId(spec.id, input.phase, runId),
        branch,
        base_sha: base,
        limits,
        settings: { chain: input.chain, session: input.session, last_attempt: lastAttempt },
      });
    },

    /** Closes a session. Returns the phase's score for its gate, or the seconds until a new session may start. */
    closePhase: async (
      input: PhaseRef & { run_id: string; passed: boolean; reason: string; message: string },
    ): Promise<{ score: number | null; attempt: number; again_after_seconds: number | null }> => {
      const last = await store.specs.lastAttempt(input.spec_id, input.phase);
      const { score = null, attempt = 0 } = last ?? {};
      if (input.passed) {
        const spec = await store.specs.get(input.organization_id, input.spec_id);
        await store.specs.update(input.organization_id, input.spec_id, {
          progress: progressAt(spec.plan.phases, input.phase, 'end'),
        });
        return { score, attempt, again_after_seconds: null };
      }
      const { settings } = await store.runs.get(input.organization_id, input.run_id);
      const max = settings.last_attempt ?? config.phase.attempts;
      const again = attempt < max && mayRetry(input.reason);
      if (last?.status === 'running')
        await store.specs.judgeAttempt(
          input.organization_id,
          input.spec_id,
          input.phase,
          attempt,
          { error: input.message },
          again ? max : attempt,
        );
      return {
        score,
        attempt,
        again_after_seconds: again
          ? config.phase.retry_backoff * 2 ** (config.phase.attempts - 1 - (max - attempt))
          : null,
      };
    },
  };
}
