import { randomBytes } from 'node:crypto';
import { pageLink } from '#activities/ports/page-link.ts';
import { requestRetry } from '#activities/ports/act-on-ticket.ts';
import { wakeQueues } from '#activities/ports/wake-queues.ts';
import type { Services } from '#activities/ports/services.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { retrySpecUpdate } from '#workflows/contracts/spec.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Spec } from '#prisma/store/specs.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/spec-life.ts';
import type { Call } from '../http/context.ts';
import { contentHash, embeddingOf, storeSpec } from './launch-spec.ts';
import { toSpecView } from './specs.ts';
import { syncSpec } from './sync.ts';
import { toPageView, toTicketView } from './views.ts';

/** The embedding of words, and, as an answer, the open specs of the project that say the same. @param own is left out. */
export async function similarDrafts(
  { services, organization_id }: Call,
  project: { id: string },
  words: {
    title: string;
    description: string;
    check_duplicates: boolean;
    force_create: boolean;
    similarity_threshold?: number;
  },
  own: string,
) {
  const embedded = await embeddingOf(services, words, { organization_id, project_id: project.id });
  if (!words.check_duplicates || words.force_create) return { embedded };
  const threshold = words.similarity_threshold ?? services.config.dedup.spec;
  const asked = embedded ? [embedded] : [];
  const similar = (await services.store.specs.similar(project.id, contentHash(words), asked, threshold)).filter(
    (other) => other.id !== own,
  );
  if (similar.length === 0) return { embedded };
  const found = {
    is_duplicate: true as const,
    message: 'The project has similar open specs. Nothing was created; send force_create: true to create it anyway.',
    candidates: similar.map(({ id: spec_id, ...other }) => ({ spec_id, ...other })),
    highest_similarity: similar[0]?.similarity_score ?? 0,
  };
  return { embedded, found };
}

/** Stores a draft, unless the project has a similar open spec: then these are the answer. */
export async function createSpec(call: Call, input: Body<typeof contracts.createSpec>) {
  const project = await call.services.store.projects.get(call.organization_id, input.project_id);
  const id = call.newId('spec');
  const { found, embedded } = await similarDrafts(call, project, input, id);
  if (found) return found;
  return toSpecView(call, await storeSpec(call, project, { ...input, id, status: 'draft', embedded }));
}

export async function updateSpec(call: Call, id: string, { version, ...words }: Body<typeof contracts.updateSpec>) {
  const { services, organization_id, actor } = call;
  const clean = JSON.parse(services.redact(JSON.stringify(words))) as typeof words;
  const spec = await services.store.specs.edit(
    organization_id,
    id,
    { ...clean, content_hash: contentHash },
    { version, by: actor.email },
  );
  return toSpecView(call, spec);
}

export const archiveSpec = async (call: Call, id: string) =>
  toSpecView(call, await call.services.store.specs.archive(call.organization_id, id, call.actor.email));
export const restoreSpec = async (call: Call, id: string) =>
  toSpecView(call, await call.services.store.specs.restore(call.organization_id, id, call.actor.email));

export const setLinks = async (call: Call, id: string, ticketIds: string[], linked: boolean) => ({
  changed: await call.services.store.specs.setLinks(call.organization_id, id, ticketIds, linked, call.actor.email),
});
export const linkedTickets = async (
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.listLinkedTickets>,
) => toPageView(await services.store.specs.linkedTickets(organization_id, id, page), toTicketView);

const percent = (part: number, whole: number) => (whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100);

/** The criteria of the plan: those on the board, or, before it is written there, those of the requirements. */
export async function criteriaStatus({ services }: Call, id: string) {
  const stored = await services.store.specs.requirements(id);
  const planned = (await services.store.specs.outputs(id)).requirements?.requirements ?? [];
  const requirements =
    stored.length > 0
      ? stored.map(({ key, title, criteria }) => ({
          requirement_id: key,
          title,
          criteria: criteria.map((one) => ({
            id: one.key,
            text: one.text,
            completed: one.completed,
            evidence: one.evidence ?? null,
            verdict: one.verdict,
          })),
        }))
      : planned.map(({ id: key, title, acceptance_criteria }) => ({
          requirement_id: key,
          title,
          criteria: acceptance_criteria.map((one) => ({
            id: one.id,
            text: one.text,
            completed: false,
            evidence: null,
            verdict: null,
          })),
        }));
  const by_requirement = requirements.map((requirement) => ({
    ...requirement,
    total: requirement.criteria.length,
    completed: requirement.criteria.filter(({ completed }) => completed).length,
  }));
  const total = by_requirement.reduce((sum, { total: count }) => sum + count, 0);
  const completed = by_requirement.reduce((sum, { completed: count }) => sum + count, 0);
  return {
    total_criteria: total,
    completed_criteria: completed,
    completion_percentage: percent(completed, total),
    by_requirement,
  };
}

/** The tasks of a plan wait for a person where the project does not start them by itself. */
const waitsForStart = (spec: Spec, counts: { status: string }[]) =>
  spec.waiting_for === 'person' && counts.length > 0 && counts.every(({ status }) => status === 'pending');

export async function executionStatus({ services, organization_id }: Call, id: string) {
  const spec = await services.store.specs.get(organization_id, id);
  const counts = await services.store.tasks.countByStatus(organization_id, { spec_id: id });
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const completed = counts.find(({ status }) => status === 'completed')?.count ?? 0;
  return {
    status: spec.status,
    current_phase: spec.current_phase,
    progress: spec.progress,
    total_tasks: total,
    by_status: Object.fromEntries(counts.map(({ status, count }) => [status, count])),
    completed_percentage: percent(completed, total),
    waits_for_start: waitsForStart(spec, counts),
  };
}

/** @throws invalid_rule before the design has passed its gate; conflict before the plan has its tasks. */
export async function executeTasks(call: Call, id: string, { task_ids: wanted }: Body<typeof contracts.executeTasks>) {
  const { services, organization_id } = call;
  const spec = await services.store.specs.get(organization_id, id);
  if (!(await services.store.specs.outputs(id)).design || isAtGate(spec, 'design'))
    throw new AppError('invalid_rule', 'The design is not approved yet, so its tasks cannot start.');
  const { tasks_created = 0, tasks_skipped = 0 } = await syncSpec(call, id);
  await services.store.tasks.chooseTasks(organization_id, id, wanted);
  const tickets = await services.store.tickets.ofSpec(id);
  const counts = await services.store.tasks.countByStatus(organization_id, { spec_id: id });
  const started = waitsForStart(spec, counts) && (await requestRetry(services, workflowId.spec(id), retrySpecUpdate));
  // Tasks that were left out before may have slots now.
  await wakeQueues(services, [spec.project_id]);
  return { tasks_created, tasks_skipped, ticket_ids: tickets.map((ticket) => ticket.id), started };
}

const isAtGate = (spec: Spec, phase: string) => spec.waiting_for === 'gate' && spec.current_phase === phase;

export async function shareSpec(call: Call, id: string) {
  const { services, organization_id, actor } = call;
  const fresh = randomBytes(24).toString('base64url');
  const share_token = await services.store.specs.share(organization_id, id, fresh, actor.email);
  return { share_url: pageLink(services, `/showcase/${share_token}`), share_token };
}
export async function unshareSpec(call: Call, id: string) {
  await call.services.store.specs.unshare(call.organization_id, id, call.actor.email);
  return undefined;
}

export async function showcase(services: Services, token: string) {
  const { spec, requirements, tasks, completed, pull } = await services.store.specs.showcase(token);
  return {
    title: spec.title,
    description: spec.description,
    status: spec.status,
    project_name: spec.project.name,
    stats: { requirement_count: requirements, task_count: tasks, tasks_completed: completed, test_coverage: null },
    pull_request: pull && { number: pull.number, url: pull.url, state: pull.state },
    share_view_count: spec.share_views,
  };
}
