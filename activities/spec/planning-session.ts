import type { PreparedRun } from '#workflows/contracts/work.ts';
import { sandboxQueue } from '#workflows/contracts/ids.ts';
import { specSandboxId } from '#workflows/domain/agent/sandbox-ids.ts';
import { present } from '#workflows/domain/errors.ts';
import { phaseTitle, planSession } from '#workflows/domain/phases/index.ts';
import type { Services } from '../ports/services.ts';
import { createRun } from '../run/create-run.ts';
import { runLimits } from '../run/limits.ts';
import { deterministicId } from '../support/ids.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';

export interface PhaseRef {
  organization_id: string;
  spec_id: string;
  phase: string;
}

export type PlanningSession = Awaited<ReturnType<typeof planningSession>>;

/**
 * A session of planning: its spec, and its run where an earlier try of the step has created it. `chain` counts how
 * often the phase was started from its beginning; `session` counts the runs within a chain, since a new run follows a
 * broken one.
 */
export async function planningSession(
  services: Services,
  tools: ToolBox,
  { organization_id, spec_id, phase, chain, session }: PhaseRef & { chain: number; session: number },
) {
  const { store, config, sandbox } = services;
  const spec = await store.specs.get(organization_id, spec_id);
  const project = await store.projects.get(spec.organization_id, spec.project_id);
  const branch = present(spec.branch, 'the branch of the spec');
  const base = present(spec.base_sha, 'the base of the spec');
  const runs = await store.runs.list(spec.organization_id, { spec_id: spec.id, kind: 'phase' }, { limit: 200 });
  const ofPhase = runs.items.filter((run) => run.phase === phase && !run.forked_from_run_id);
  const ofChain = ofPhase.filter((run) => run.settings.chain === chain);
  const known = ofChain.find((run) => run.settings.session === session);
  const limits = runLimits(config, 'phase', project.settings, { whole_plan: phase === planSession });
  const existing: PreparedRun | undefined = known && {
    run_id: known.id,
    attempt: known.attempt,
    sandbox_queue: sandboxQueue(sandbox.host),
    limits,
  };
  const runId = deterministicId(`phase:${spec.id}:${phase}:${chain}:${session}`);
  return {
    spec,
    runId,
    existing,
    /** The runs of the phase, newest first, and those of this chain. */
    ofPhase,
    ofChain,
    /** @param plan `goal`: the task of the session. */
    createRun: (plan: { attempt: number; last_attempt: number; goal: string }): Promise<PreparedRun> =>
      createRun(services, tools, {
        id: runId,
        kind: 'phase',
        mode: 'exploration',
        attempt: plan.attempt,
        title: `${phaseTitle(phase)}: ${spec.title}`,
        goal: spec.description,
        subject: {
          organization_id: spec.organization_id,
          project_id: spec.project_id,
          spec_id: spec.id,
          phase,
        },
        context: { spec_id: spec.id, phase, attempt: plan.attempt, title: spec.title },
        changes_expected: false,
        opening: { goal: plan.goal, code_sha: base, sections: [] },
        sandbox_id: specSandboxId(spec.id, phase, runId),
        branch,
        base_sha: base,
        limits,
        settings: { chain, session, last_attempt: plan.last_attempt },
      }),
  };
}
