import { requireMoney } from '#activities/ports/require-workable.ts';
import type { z } from 'zod';
import { workflowId } from '#workflows/contracts/ids.ts';
import type { Update } from '#workflows/contracts/message.ts';
import {
  approveUpdate,
  cancelSpecUpdate,
  pauseSpecUpdate,
  regenerateUpdate,
  requestChangesUpdate,
  resumeSpecUpdate,
} from '#workflows/contracts/spec.ts';
import { isStopped } from '#workflows/domain/agent/night-terms.ts';
import { grants } from '#workflows/domain/access/permissions.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { specMarkdown } from '#workflows/domain/phases/markdown.ts';
import { traceability } from '#workflows/domain/phases/traceability.ts';
import type { Spec } from '#prisma/store/specs.ts';
import type * as contracts from '../contracts/specs.ts';
import { firstOpenPhase } from '#workflows/domain/phases/gate-policy.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { readable } from './events.ts';
import { specInput } from './launch-spec.ts';
import { retryingOf } from './retrying.ts';
import { specFiles } from './spec-files.ts';
import { iso } from './views.ts';

export async function executeSpec(call: Call, id: string) {
  const spec = await call.services.store.specs.get(call.organization_id, id);
  if (['completed', 'pr_created', 'failed', 'cancelled'].includes(spec.status))
    throw new AppError('conflict', `The spec is ${spec.status}. Launch a new one.`);
  const begins = spec.status === 'draft' || spec.status === 'created';
  if (begins && spec.description.trim() === '')
    throw new AppError('invalid_rule', 'Describe the feature first: PATCH /specs/{id} {description}.', [
      { field: 'description', message: 'is empty' },
    ]);
  if (begins) await requireMoney(call, { project_id: spec.project_id, spec_id: spec.id });
  if (begins && isStopped(spec.night, new Date())) await call.services.store.specs.liftStop(call.organization_id, id);
  await call.services.store.billing.reserve({ ...spec, spec_id: spec.id });
  // Before the start: a workflow that ends at once has the last say.
  if (begins)
    await call.services.store.specs.update(call.organization_id, id, { status: 'executing' }, { by: call.actor.email });
  // Phases that an import brought have passed.
  const from = begins
    ? firstOpenPhase(spec.plan.phases, await call.services.store.specs.attempts(id), spec.gate_policy)
    : 0;
  const again = from > 0 ? { again: { from, chains: {}, feedback: null } } : {};
  const status = await call.services.workflows.startSpec({ ...specInput(spec), ...again });
  return { status, current_phase: spec.current_phase };
}

export async function toSpecView({ services, organization_id }: Call, spec: Spec) {
  const [pull] = (await services.store.pullRequests.list(organization_id, { spec_id: spec.id }, { limit: 1 })).items;
  const cost = await services.store.costs.summary(organization_id, { scope: { type: 'spec', id: spec.id } });
  const budget = await services.store.budgets.ofScope(organization_id, { type: 'spec', id: spec.id });
  const [asking] = await services.store.runs.waitingForPerson(organization_id, { spec_id: spec.id });
  return {
    id: spec.id,
    project_id: spec.project_id,
    organization_id: spec.organization_id,
    title: spec.title,
    description: spec.description,
    status: spec.status,
    current_phase: spec.current_phase,
    progress: spec.progress,
    waiting_for: spec.waiting_for ?? asking?.waiting_for ?? null,
    waiting_reason: spec.waiting_for ? spec.waiting_reason : (asking?.waiting_reason ?? null),
    gate_policy: { ...spec.gate_policy },
    plan: spec.plan.compact ? ('compact' as const) : ('full' as const),
    branch: spec.branch,
    base_branch: spec.base_branch,
    last_error: spec.last_error ?? asking?.waiting_reason ?? null,
    version: spec.version,
    pull_request: pull ? { id: pull.id, number: pull.number, url: pull.url, state: pull.state } : null,
    cost_micros: cost.cost_micros,
    budget: budget ? { limit_micros: budget.limit_micros, spent_micros: budget.spent_micros } : null,
    night: spec.night,
    linked_tickets: await services.store.specs.linkedIds(spec.id),
    shared: spec.share_token !== null,
    archived_at: iso(spec.archived_at),
    created_at: spec.created_at.toISOString(),
    updated_at: spec.updated_at.toISOString(),
    started_at: iso(spec.started_at),
    ended_at: iso(spec.ended_at),
  };
}

export async function getSpec(call: Call, id: string) {
  const spec = await call.services.store.specs.get(call.organization_id, id);
  const retrying = await retryingOf(call.services, workflowId.spec(spec.id), spec);
  return { ...(await toSpecView(call, spec)), retrying };
}

export async function listSpecs(
  call: Call,
  query: Query<typeof contracts.listProjectSpecs> & { project_id?: string; linked_ticket_id?: string },
) {
  const page = await call.services.store.specs.list(
    call.organization_id,
    {
      project_id: query.project_id,
      status: query.status,
      include_archived: query.include_archived === 'true',
      search: query.search,
      linked_ticket_id: query.linked_ticket_id,
    },
    query,
  );
  return { items: await Promise.all(page.items.map((spec) => toSpecView(call, spec))), next_cursor: page.next_cursor };
}

export async function phaseData(
  { services, organization_id }: Call,
  id: string,
  query: Query<typeof contracts.phaseData>,
) {
  const spec = await services.store.specs.get(organization_id, id);
  const attempts = await services.store.specs.attempts(id);
  const plan = spec.plan.phases;
  const wanted = query.phases?.split(',');
  const full = (content: unknown) => (query.brief === 'true' ? null : content);
  return {
    phases: plan
      .filter((phase) => !wanted || wanted.includes(phase))
      .map((phase) => {
        const own = attempts.filter((attempt) => attempt.phase === phase);
        const passed = own.filter((attempt) => attempt.status === 'passed').at(-1);
        const last = own.at(-1);
        return {
          phase,
          status: passed ? 'passed' : (last?.status ?? 'pending'),
          output: full(passed?.output ?? null),
          score: passed?.score ?? last?.score ?? null,
          at_gate: spec.waiting_for === 'gate' && spec.current_phase === phase,
          attempts: own.map((a) => ({
            attempt: a.attempt,
            status: a.status,
            run_id: a.run_id,
            score: a.score,
            criteria: a.criteria,
            vetoes: a.vetoes,
            judge: a.judge,
            feedback: a.feedback,
            decision: a.decision,
            output: full(a.output),
            draft: full(a.draft),
            started_at: a.started_at.toISOString(),
            ended_at: iso(a.ended_at),
          })),
        };
      }),
  };
}

export async function specEvents(
  { services, organization_id, actor }: Call,
  id: string,
  query: Query<typeof contracts.specEvents>,
) {
  const types = query.event_type?.split(',');
  const rows = await services.store.events.before(organization_id, query.cursor, query.limit, {
    types,
    data: { path: 'spec_id', value: id },
  });
  return {
    items: readable(actor, rows),
    next_cursor: rows.length === query.limit ? String(rows.at(-1)?.seq) : null,
  };
}

export async function specVersions(
  { services, organization_id }: Call,
  id: string,
  query: Query<typeof contracts.specVersions>,
) {
  const items = await services.store.specs.versions(organization_id, id, query.limit, query.cursor);
  return {
    items: items.map((v) => ({
      number: v.number,
      change_type: v.change_type,
      details: v.details,
      snapshot: v.snapshot,
      actor: v.actor,
      created_at: v.created_at.toISOString(),
    })),
    next_cursor: items.length === query.limit ? String(items.at(-1)?.number) : null,
  };
}

export async function specCoverage({ services }: Call, id: string) {
  const outputs = await services.store.specs.outputs(id);
  const trace = traceability(outputs.requirements, outputs.tasks);
  const stored = await services.store.specs.requirements(id);
  return {
    coverage_percent: trace.coverage_percent,
    orphans: { tasks: trace.orphans.tasks, tickets: trace.orphans.tickets },
    matrix: trace.matrix.map((row) => ({
      requirement_id: row.requirement_id,
      requirement_title: row.requirement_title,
      covered_by_tasks: row.covered_by_tasks,
      covered_by_tickets: row.covered_by_tickets,
      status: row.status,
      criteria: (stored.find((requirement) => requirement.key === row.requirement_id)?.criteria ?? []).map((c) => ({
        id: c.key,
        text: c.text,
        completed: c.completed,
        verdict: c.verdict,
      })),
    })),
  };
}

export async function specExport(call: Call, id: string, format: 'json' | 'markdown' | 'files') {
  const spec = await call.services.store.specs.get(call.organization_id, id);
  const outputs = await call.services.store.specs.outputs(id);
  if (format === 'markdown')
    return specMarkdown({
      title: spec.title,
      description: spec.description,
      status: spec.status,
      progress: spec.progress,
      outputs,
    });
  if (format === 'files') return { files: specFiles({ ...spec, outputs }) };
  return {
    spec: await toSpecView(call, spec),
    phases: outputs,
    requirements: await call.services.store.specs.requirements(id),
    tickets: await call.services.store.tickets.ofSpec(id),
    tasks: await call.services.store.tasks.ofSpec(id),
  };
}

/** Checks that the caller may decide at a gate or answer questions of a plan: a member or above, or only the roles that the project names. */
export async function requireApprover(
  { services, actor, organization_id }: Call,
  work: { project_id: string },
): Promise<void> {
  const project = await services.store.projects.get(organization_id, work.project_id);
  const approvers = project.settings.gate_approvers;
  const grant = actor.grants.find((entry) => entry.organization_id === organization_id);
  if (approvers && grant && !actor.is_super_admin && !approvers.includes(grant.role))
    throw new AppError(
      'forbidden',
      `Only these roles can open gates of this project: ${approvers.join(', ')}. Your role is ${grant.role}.`,
    );
  if (grant?.role === 'agent_executor' || (grant && !grants(grant.permissions, 'document:write')))
    throw new AppError('forbidden', `A person decides at gates: your role (${grant.role}) cannot. Ask a member.`);
}

async function atGate<S extends z.ZodType, A extends z.ZodType>(
  call: Call,
  id: string,
  update: Update<S, A>,
  input: z.input<S>,
  status: string,
) {
  const spec = await call.services.store.specs.get(call.organization_id, id);
  await requireApprover(call, spec);
  await call.services.workflows.update(workflowId.spec(id), update, input);
  return { status };
}

export const approvePhase = (call: Call, id: string, phase: string) =>
  atGate(call, id, approveUpdate, { phase, actor: call.actor.email }, 'approved');
export const requestPhaseChanges = (call: Call, id: string, phase: string, feedback: string) =>
  atGate(call, id, requestChangesUpdate, { phase, actor: call.actor.email, feedback }, 'changes_requested');
export const regeneratePhase = (call: Call, id: string, phase: string, feedback: string | undefined) =>
  atGate(
    call,
    id,
    regenerateUpdate,
    { phase, actor: call.actor.email, ...(feedback ? { feedback } : {}) },
    'regenerating',
  );

async function command(
  { services, organization_id, actor }: Call,
  id: string,
  update: typeof pauseSpecUpdate,
  reason: string | undefined,
  status: string,
) {
  const spec = await services.store.specs.get(organization_id, id);
  if (update === cancelSpecUpdate && (spec.status === 'created' || spec.status === 'draft')) {
    const ended = { status: 'cancelled', ended_at: new Date() };
    await services.store.specs.update(organization_id, id, ended, { by: actor.email });
    return { status };
  }
  await services.workflows.update(workflowId.spec(id), update, { reason, actor: actor.email });
  return { status };
}

export const pauseSpec = (call: Call, id: string, reason: string | undefined) =>
  command(call, id, pauseSpecUpdate, reason, 'pausing');
/** A person who resumes or starts a spec after the end of its night lets it go on without an end. */
export async function resumeSpec(call: Call, id: string, reason: string | undefined) {
  const { store } = call.services;
  const { night, status } = await store.specs.get(call.organization_id, id);
  if (isStopped(night, new Date())) {
    await store.specs.liftStop(call.organization_id, id);
    // No run has met the end yet.
    if (status === 'executing') return { status: 'resuming' };
  }
  return command(call, id, resumeSpecUpdate, reason, 'resuming');
}
export const cancelSpec = (call: Call, id: string, reason: string | undefined) =>
  command(call, id, cancelSpecUpdate, reason, 'cancelling');
