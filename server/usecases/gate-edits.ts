import { codeBase } from '#activities/ports/code-base.ts';
import { editTasks, type TaskEdit } from '#workflows/domain/phases/edit-tasks.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { correctOutput, evaluate } from '#workflows/domain/phases/evaluate.ts';
import { phases, type PhaseId, type PhaseOutputs } from '#workflows/domain/phases/index.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { Body } from '../contracts/contract.ts';
import type * as contracts from '../contracts/gate-edits.ts';
import type { Call } from '../http/context.ts';

interface Edit {
  /** Id of what is edited. */
  about: string;
  action: string;
  /** Still to be parsed and judged. */
  output: object;
}

/**
 * Replaces the output of a phase while it waits at its gate. The later phases use the output as it is when the gate
 * opens. The gate's rules evaluate it again; a change that causes a veto is refused.
 * @throws invalid_body where the output does not fit its phase, invalid_rule for a veto, conflict as `editAtGate`.
 */
export async function editPhase<P extends PhaseId>(
  call: Call,
  specId: string,
  phase: P,
  version: number | undefined,
  edit: (before: PhaseOutputs[P]) => Edit,
) {
  const { services, organization_id, actor } = call;
  const { store } = services;
  const spec = await store.specs.get(organization_id, specId);
  const project = await store.projects.get(organization_id, spec.project_id);
  const threshold = Math.max(services.config.phase.threshold, project.settings.gate_threshold ?? 0);
  const known = {
    words: project.settings.requirement_words,
    base:
      phase === 'tasks' && spec.base_sha
        ? await codeBase(services.repositories, { project_id: spec.project_id, base_sha: spec.base_sha })
        : undefined,
  };
  const prior = await store.specs.outputs(specId);
  let about = '';
  const edited = await store.specs.editAtGate(
    organization_id,
    specId,
    phase,
    { version, actor: actor.email },
    (stored) => {
      const change = edit(stored as PhaseOutputs[P]);
      about = change.about;
      // Agents read what people write: secrets in it are removed before it is stored.
      const parsed = phases[phase].schema.safeParse(JSON.parse(services.redact(JSON.stringify(change.output))));
      if (!parsed.success) throw unfit(parsed.error.issues);
      const output = correctOutput(phase, parsed.data, prior);
      const judged = evaluate(phase, output, prior, threshold, known);
      if (judged.vetoes.length > 0)
        throw new AppError(
          'invalid_rule',
          judged.vetoes.map((veto) => veto.message).join(' '),
          judged.vetoes.map((veto) => ({ field: veto.ids[0] ?? phase, message: veto.message })),
        );
      return { ...judged, output, about, change: { action: change.action } };
    },
  );
  return { ...edited, about, phase, output: edited.output as PhaseOutputs[P] };
}

const unfit = (issues: readonly { path: PropertyKey[]; message: string }[]) =>
  new AppError(
    'invalid_body',
    `${issues[0]?.path.join('.')}: ${issues[0]?.message}`,
    issues.slice(0, 20).map(({ path, message }) => ({ field: path.join('.'), message })),
  );

export async function putDesign(call: Call, specId: string, { version, ...parts }: Body<typeof contracts.putDesign>) {
  const { about: _about, ...edited } = await editPhase(call, specId, 'design', version, (before) => ({
    about: Object.keys(parts).join(', '),
    action: 'changed',
    output: { ...before, ...parts },
  }));
  return edited;
}

export async function editTask(call: Call, specId: string, edit: TaskEdit, version: number | undefined) {
  const { about, ...edited } = await editPhase(call, specId, 'tasks', version, (before) => {
    const { id, plan } = editTasks(before, edit);
    return { about: id, action: edit.action, output: plan };
  });
  return { ...edited, task_id: about };
}

/** Gives the phase at its gate the output that it had in an earlier version. */
export async function restoreVersion(call: Call, specId: string, number: number, version: number) {
  const { services, organization_id } = call;
  const spec = await services.store.specs.get(organization_id, specId);
  const phase = spec.current_phase as PhaseId;
  const [row] = await services.store.specs.versions(organization_id, specId, 1, number + 1);
  if (row?.number !== number) throw notFound('version');
  const output = (row.snapshot as { phases?: Record<string, object> }).phases?.[phase];
  if (!output)
    throw new AppError('invalid_rule', `Version ${number} has no output of the phase ${phase}.`, [
      { field: 'number', message: `must be a version in which the phase ${phase} had passed` },
    ]);
  const { about: _about, ...edited } = await editPhase(call, specId, phase, version, () => ({
    about: `version ${number}`,
    action: 'restored',
    output,
  }));
  return edited;
}

const statuses: Partial<Record<Task['status'], 'completed' | 'blocked' | 'pending'>> = {
  completed: 'completed',
  failed: 'blocked',
  cancelled: 'blocked',
  pending: 'pending',
};

/** The tasks of the plan with what became of them on the board. */
export async function plannedTasks({ services }: Call, specId: string) {
  const plan = (await services.store.specs.outputs(specId)).tasks?.tasks ?? [];
  const rows = new Map((await services.store.tasks.ofSpec(specId)).map((task) => [task.local_id, task]));
  return {
    items: plan.map((planned) => {
      const row = rows.get(planned.id);
      const until = row?.ended_at ?? (row?.started_at ? new Date() : null);
      return {
        id: planned.id,
        title: planned.title,
        description: planned.description,
        parent_ticket: planned.parent_ticket,
        priority: planned.priority ?? null,
        status: row ? (statuses[row.status] ?? ('in_progress' as const)) : ('pending' as const),
        task_id: row?.id ?? null,
        depends_on: planned.dependencies.depends_on,
        requirements_addressed: planned.requirements_addressed,
        estimated_hours: planned.estimated_hours,
        actual_hours:
          row?.started_at && until
            ? Math.round(((until.getTime() - row.started_at.getTime()) / 3_600_000) * 100) / 100
            : null,
      };
    }),
  };
}
