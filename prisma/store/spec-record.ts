import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { EventData, EventType, NewEvent } from '#workflows/domain/events/catalogue.ts';
import type { Emit, Transaction } from './core.ts';
import { specRow, type Spec } from './json.ts';

export type SpecEventType = Extract<EventType, `spec.${string}` | `criterion.${string}`>;
type NamedFields<T> = { [K in keyof T as string extends K ? never : K]: T[K] };
/** The data of an event about a spec, without the fields that the store adds. */
type SpecEventData<T extends SpecEventType> = SpecEventType extends T
  ? Record<string, unknown>
  : Omit<NamedFields<EventData<T>>, 'spec_id' | 'title'> & Record<string, unknown>;

/** @throws not_found, also for a spec of another organization. */
export async function findSpec(tx: Transaction, organizationId: string, id: string): Promise<Spec> {
  const spec = await tx.spec.findFirst({ where: { id, organization_id: organizationId } });
  if (!spec) throw notFound('spec');
  return specRow(spec);
}

/** Nobody else changes the spec until the transaction ends. @throws not_found, as `findSpec`. */
export async function lockSpec(tx: Transaction, organizationId: string, id: string): Promise<Spec> {
  await tx.$queryRaw`SELECT 1 FROM specs WHERE id = ${id}::uuid FOR UPDATE`;
  return findSpec(tx, organizationId, id);
}

/** @throws conflict, with the present version, where a change was made on another one. */
export function requireVersion(spec: Spec, version: number): void {
  if (spec.version === version) return;
  throw new AppError(
    'conflict',
    `The spec was changed meanwhile: it is at version ${spec.version}, and this change was made on version ${version}.`,
    { reason: 'stale', version: spec.version },
  );
}

/** An event about a spec: its id and title are added to the data. */
export const specEvent = <T extends SpecEventType>(spec: Spec, type: T, data: SpecEventData<T>): NewEvent =>
  ({
    type,
    organization_id: spec.organization_id,
    project_id: spec.project_id,
    entity: { kind: 'spec', id: spec.id },
    data: { spec_id: spec.id, title: spec.title, ...data },
    // The compiler cannot recombine the parts of a generic type; the schema checks the complete event.
  }) as unknown as NewEvent;

/** Takes back the end of a spec that was cancelled with its pull request. */
export async function reopenSpec(tx: Transaction, emit: Emit, before: Spec, by: string): Promise<void> {
  const data = { status: 'pr_created', last_error: null, ended_at: null, updated_at: new Date() };
  const spec = specRow(await tx.spec.update({ where: { id: before.id }, data }));
  const move = { status: spec.status, old_status: before.status, waiting_for: spec.waiting_for, error: null, by };
  emit(specEvent(spec, 'spec.status_changed', move));
}

/** Writes the next version of a spec: the change and the complete content after it. */
export async function recordVersion(
  tx: Transaction,
  spec: Spec,
  changeType: string,
  details: object,
  actor: string | null,
): Promise<void> {
  const outputs = await tx.phaseAttempt.findMany({
    where: { spec_id: spec.id, status: 'passed' },
    select: { phase: true, attempt: true, output: true },
  });
  const last = await tx.specVersion.aggregate({ where: { spec_id: spec.id }, _max: { number: true } });
  const number = (last._max.number ?? 0) + 1;
  const snapshot = {
    title: spec.title,
    description: spec.description,
    status: spec.status,
    current_phase: spec.current_phase,
    phases: Object.fromEntries(outputs.map((o) => [o.phase, o.output])),
  };
  await tx.specVersion.create({
    data: {
      spec_id: spec.id,
      number,
      organization_id: spec.organization_id,
      change_type: changeType,
      details,
      snapshot: snapshot as object,
      actor,
    },
  });
  await tx.spec.update({ where: { id: spec.id }, data: { version: number } });
}
