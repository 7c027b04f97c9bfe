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
const choicesOf = (store: Store, actor: Actor) => membershipsOf(store, actor, false);

async function membershipsOf({ identity }: Store, { grants }: Actor, archived: boolean) {
  const ids = grants.filter((grant) => (grant.archived ?? false) === archived).map((grant) => grant.organization_id);
  const { items } = await identity.organizations(ids, { limit: 200 }, archived);
  return items.map(({ id, slug, name }) => ({ id, slug, name }));
}

/** The organization with this id or slug. @throws not_found unless the caller is a member, or an administrator. */
async function namedBy(store: Store, actor: Actor, name: string): Promise<string> {
  const known =
    (await store.scopes.organizationOf('organization', name)) ?? (await store.identity.organizationBySlug(name))?.id;
  if (known && (actor.is_super_admin || actor.grants.some((grant) => grant.organization_id === known))) return known;
  throw new AppError('not_found', 'The organization was not found.', { organizations: await choicesOf(store, actor) });
}

/** The organizations that a call without a name may mean: the person created them or took an invitation. */
const ofOwnChoice = ({ grants }: Actor): string[] =>
  grants.filter(({ archived, given }) => !archived && !given).map((grant) => grant.organization_id);

const nameOne = 'Name one by the header X-Organization-Id or by organization_id in the query.';

/** Why a call without a name means no organization, and what helps. */
async function noChoice(store: Store, actor: Actor): Promise<AppError> {
  const [organizations, archived] = [await choicesOf(store, actor), await membershipsOf(store, actor, true)];
  const restore = 'Restore one as its owner with POST /api/v1/organizations/{id}/restore';
  if (organizations.length > 0)
    return new AppError(
      'invalid_rule',
      ofOwnChoice(actor).length > 0
        ? `You are a member of several organizations. ${nameOne}`
        : `Others added you to the organizations that you are a member of, so none is meant unless it is named. ${nameOne}${archived.length > 0 ? ` The others are archived. ${restore}.` : ''}`,
      { organizations, ...(archived.length > 0 ? { archived } : {}) },
    );
  if (archived.length > 0)
    return new AppError(
      'invalid_rule',
      `Every organization that you are a member of is archived. ${restore}, name one to read it, or create another with POST /api/v1/organizations.`,
      { archived },
    );
  return new AppError(
    'invalid_rule',
    'You are not a member of an organization. Create one with POST /api/v1/organizations, or ask to be added.',
  );
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
  throw await noChoice(store, actor);
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
