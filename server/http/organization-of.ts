import type { Store } from '#activities/ports/store.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { ScopeOf } from '../contracts/contract.ts';
import type { Actor } from './context.ts';

/** Parsed parts of a request. */
export interface Parts {
  params: unknown;
  query: unknown;
  body: unknown;
}

const valueOf = (parts: Parts, from: 'params' | 'query' | 'body', field: string): string | undefined => {
  const value = (parts[from] as Record<string, unknown>)[field];
  return typeof value === 'string' ? value : undefined;
};

/** The record that a call names; undefined when it names none. */
export function recordOf(scope: ScopeOf, parts: Parts): { kind: string; id: string } | undefined {
  if (typeof scope === 'string') return undefined;
  const { from, field, optional } = scope;
  const id = valueOf(parts, from, field);
  if (typeof scope.kind === 'string') {
    if (id !== undefined || !optional) return { kind: scope.kind, id: id ?? '' };
    const other = scope.or?.find((named) => valueOf(parts, from, named.field) !== undefined);
    return other && { kind: other.kind, id: valueOf(parts, from, other.field) ?? '' };
  }
  const kind = scope.kind.of[valueOf(parts, from, scope.kind.field) ?? ''];
  return kind === undefined || id === undefined ? undefined : { kind, id };
}

/** The organizations between which the caller can choose: archived ones are used only when they are named. */
async function choicesOf({ identity }: Store, actor: Actor) {
  const ids = actor.grants.map((grant) => grant.organization_id);
  const { items } = await identity.organizations(ids, { limit: 200 });
  return items.map(({ id, slug, name }) => ({ id, slug, name }));
}

/** The organization with this id or slug. @throws not_found unless the caller is a member, or an administrator. */
async function namedBy(store: Store, actor: Actor, name: string): Promise<string> {
  const known =
    (await store.scopes.organizationOf('organization', name)) ?? (await store.identity.organizationBySlug(name))?.id;
  if (known && (actor.is_super_admin || actor.grants.some((grant) => grant.organization_id === known))) return known;
  throw new AppError('not_found', 'The organization was not found.', { organizations: await choicesOf(store, actor) });
}

/** The organizations that a call without a name may mean. Those to which another added the person come after their own. */
function ofOwnChoice({ grants }: Actor): string[] {
  const open = grants.filter((grant) => !grant.archived);
  const own = open.filter((grant) => !grant.given);
  return (own.length > 0 ? own : open.slice(0, 1)).map((grant) => grant.organization_id);
}

/**
 * The organization of a call that names no record.
 * @param named id or slug, from the request.
 * @throws not_found for an organization that the caller is not a member of; invalid_rule when there is none or several.
 */
export async function chosenOrganization(store: Store, actor: Actor, named: string | undefined): Promise<string> {
  if (named) return namedBy(store, actor, named);
  const [first] = actor.grants;
  if (first && actor.via === 'key') return first.organization_id;
  const [only, ...others] = ofOwnChoice(actor);
  if (only && others.length === 0) return only;
  const organizations = await choicesOf(store, actor);
  throw only
    ? new AppError(
        'invalid_rule',
        'You are a member of several organizations. Name one by the header X-Organization-Id or by organization_id in the query.',
        { organizations },
      )
    : new AppError(
        'invalid_rule',
        'You are not a member of an organization. Create one with POST /api/v1/organizations, or ask to be added.',
      );
}

/**
 * The organization of a call: the one of the record that it names, else the chosen one.
 * @throws not_found for a record of another organization than the named one, or of one that the caller is not in.
 */
export async function organizationOf(
  store: Store,
  scope: ScopeOf,
  actor: Actor,
  parts: Parts,
  named: string | undefined,
): Promise<string> {
  if (scope === 'none') return '';
  const record = recordOf(scope, parts);
  if (!record) return chosenOrganization(store, actor, named);
  const missing = () => notFound(record.kind.replace('_', ' '));
  const found = await store.scopes.organizationOf(record.kind, record.id);
  if (!found || !(actor.is_super_admin || actor.grants.some((grant) => grant.organization_id === found)))
    throw missing();
  if (named && (await namedBy(store, actor, named)) !== found) throw missing();
  return found;
}
