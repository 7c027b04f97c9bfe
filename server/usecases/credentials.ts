import { endModelPause } from '#activities/ports/end-model-pause.ts';
import { keyContext } from '#activities/ports/secrets.ts';
import type { KeyOwner } from '#prisma/store/model-keys.ts';
import type { ModelKey } from '#prisma/store/json.ts';
import { billingRules, mayUseOwnKeys, planNamed } from '#workflows/domain/billing/plans.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/credentials.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { requireSignIn } from './account.ts';
import { at } from './views.ts';

export const organizations = ({ organization_id }: Call): KeyOwner => ({ organization_id });
/** The caller's own keys. An API key must not read or change what its owner pays for. */
export function mine(call: Call): KeyOwner {
  requireSignIn(call);
  return { user_id: call.actor.user_id };
}

async function planOf({ services, organization_id }: Call) {
  const rules = billingRules(services.config.billing);
  const { plan } = await services.store.identity.organization(organization_id);
  return { allowed: mayUseOwnKeys(rules, plan), label: planNamed(rules, plan).label, rules };
}

export async function listKeys(call: Call, owner: KeyOwner) {
  const items = (await call.services.store.modelKeys.list(owner)).map(toKeyView);
  return { items, allowed: (await planOf(call)).allowed };
}

export async function createKey(
  call: Call,
  owner: KeyOwner,
  { api_key: key, base_url = null, model = null, config = {}, ...input }: Body<typeof contracts.createCredential>,
) {
  const { services, actor } = call;
  await requirePlan(call);
  await requireReachable(call, base_url);
  const id = call.newId('credential');
  const row = await services.store.modelKeys.create({
    ...input,
    ...sealKey(call, owner, id, key),
    id,
    owner,
    base_url,
    model,
    config,
    created_by: actor.user_id,
  });
  await audit(call, 'model_key_created', row);
  return toKeyView(row);
}

export async function updateKey(
  call: Call,
  owner: KeyOwner,
  id: string,
  { api_key: key, ...input }: Body<typeof contracts.updateCredential>,
) {
  const { services } = call;
  const known = await services.store.modelKeys.get(owner, id);
  if (key !== undefined || input.is_default) await requirePlan(call);
  if (input.base_url !== undefined && input.base_url !== known.base_url) {
    if (key === undefined)
      throw refuse('api_key', 'must be entered again with another base_url, which will receive it');
    await requireReachable(call, input.base_url);
  }
  const secret = key === undefined ? undefined : sealKey(call, owner, id, key);
  const row = await services.store.modelKeys.update(owner, id, input, secret);
  await audit(call, 'model_key_changed', row, { fields: [...Object.keys(input), ...(key ? ['api_key'] : [])] });
  await continueRuns(call, id);
  return toKeyView(row);
}

export async function removeKey(call: Call, owner: KeyOwner, id: string): Promise<undefined> {
  const row = await call.services.store.modelKeys.remove(owner, id);
  await audit(call, 'model_key_removed', row);
  await continueRuns(call, id);
}

/** Runs that waited because the key was refused try again. */
async function continueRuns({ services, actor }: Call, id: string): Promise<void> {
  for (const pause of await services.store.modelPauses.ofKey(id))
    await endModelPause(services, pause, pause.message, { actor: actor.email });
}

/** @throws forbidden where the plan has no own keys. */
async function requirePlan(call: Call): Promise<void> {
  const { allowed, label, rules } = await planOf(call);
  if (allowed) return;
  const others = Object.values(rules.plans).flatMap((plan) => (plan.own_keys && plan.for_sale ? [plan.label] : []));
  throw new AppError(
    'forbidden',
    `The plan ${label} has no own model keys. Choose a plan that has them on the billing page: ${others.join(', ')}.`,
  );
}

async function requireReachable({ services }: Call, url: string | null | undefined): Promise<void> {
  if (!url) return;
  await services.outgoing.check(url).catch((error: unknown) => {
    throw error instanceof AppError ? refuse('base_url', `is refused: ${error.message}`) : error;
  });
}

const refuse = (field: string, message: string) =>
  new AppError('invalid_rule', `${field} ${message}`.replace(/\.*$/, '.'), [{ field, message }]);

function sealKey({ services }: Call, owner: KeyOwner, id: string, key: string) {
  const row = { id, organization_id: null, user_id: null, ...owner };
  return { ...services.secrets.seal(key, keyContext(row)), last_four: key.slice(-4) };
}

const audit = (
  { services, actor }: Call,
  event: 'model_key_created' | 'model_key_changed' | 'model_key_removed',
  { id, provider, credential }: ModelKey,
  details: object = {},
) =>
  services.store.identity.audit(
    event,
    { user_id: actor.user_id, email: actor.email },
    { ...details, model_key_id: id, provider, organization_id: credential.organization_id },
  );

const toKeyView = (row: ModelKey) => ({
  id: row.id,
  provider: row.provider,
  name: row.name,
  base_url: row.base_url,
  model: row.model,
  config: row.config,
  last_four: row.last_four,
  is_default: row.default_of !== null,
  created_at: at(row.created_at),
  updated_at: at(row.updated_at),
});
