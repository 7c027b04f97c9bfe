import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { NewEvent } from '#workflows/domain/events/catalogue.ts';
import type { Transaction } from './core.ts';
import { asJson } from './json.ts';

/** Events of organizations that are on record for the administrators of the installation too (AUTH-17). */
const auditedEvents = {
  'api_key.created': 'api_key_created',
  'api_key.revoked': 'api_key_revoked',
  'member.added': 'member_added',
  'member.role_changed': 'member_role_changed',
  'member.removed': 'member_removed',
  'role.created': 'role_created',
  'role.changed': 'role_changed',
  'role.deleted': 'role_deleted',
  'organization.updated': 'organization_updated',
  'organization.archived': 'organization_archived',
  'organization.restored': 'organization_restored',
} as const satisfies Partial<Record<NewEvent['type'], string>>;

const audited = new Map<string, string>(Object.entries(auditedEvents));

/** Who did it: a user, or nobody that has an account. */
const actorSchema = z.object({
  by: z.uuid().optional().catch(undefined),
  user_id: z.uuid().optional().catch(undefined),
});

/** Records who did what, in the transaction of the act itself. */
export async function auditEvents(tx: Transaction, events: NewEvent[]): Promise<void> {
  const entries = events.flatMap(({ type, data, organization_id }) => {
    const event = audited.get(type);
    if (!event) return [];
    const { by, user_id: self } = actorSchema.parse(data);
    return [
      { id: randomUUID(), event, user_id: 'by' in data ? by : self, details: asJson({ ...data, organization_id }) },
    ];
  });
  if (entries.length === 0) return;
  const ids = entries.flatMap(({ user_id }) => user_id ?? []);
  const actors = await tx.user.findMany({ where: { id: { in: ids } }, select: { id: true, email: true } });
  const emails = new Map(actors.map(({ id, email }) => [id, email]));
  await tx.auditEntry.createMany({
    data: entries.map((entry) => ({ ...entry, email: emails.get(entry.user_id ?? '') ?? null })),
  });
}
