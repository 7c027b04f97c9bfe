import { isDeepStrictEqual } from 'node:util';
import { changeSafety, grants } from '#workflows/domain/access/permissions.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Call } from '../http/context.ts';

/** Settings of a project that anyone who may write it can change: they neither weaken a check nor raise a limit. */
const harmless = [
  'merge_method',
  'merge_when_ready',
  'auto_spawn_tasks',
  'wip_limits',
  'requirement_words',
  'spec_driven_mode_enabled',
];

type Caller = Pick<Call, 'actor' | 'organization_id'>;

/** Whether the caller may change what keeps work safe. */
export function mayChangeSafety({ actor, organization_id }: Caller): boolean {
  const own = actor.grants.find((grant) => grant.organization_id === organization_id)?.permissions ?? [];
  return actor.is_super_admin || grants(own, changeSafety);
}

/** @throws forbidden, naming the fields, unless the caller may change what keeps work safe. */
export function requireSafetyRight(caller: Caller, fields: string[]) {
  if (fields.length === 0 || mayChangeSafety(caller)) return;
  throw new AppError(
    'forbidden',
    `Only owners and admins may change ${fields.join(', ')} (permission ${changeSafety}). Ask one of them, or leave it out.`,
    fields.map((field) => ({ field, message: `needs the permission ${changeSafety}` })),
  );
}

/** The settings that differ from the known ones and keep work safe, by their names in a request. */
export const safetyChanges = (known: Record<string, unknown>, wanted: Record<string, unknown> = {}): string[] =>
  Object.entries(wanted)
    .filter(([name, value]) => !harmless.includes(name) && !isDeepStrictEqual(value, known[name]))
    .map(([name]) => `settings.${name}`);
