import { randomUUID } from 'node:crypto';
import { setBudget as contract } from '#server/contracts/budgets.ts';
import type { Call } from '#server/http/context.ts';
import { raiseBudget, setBudget } from '#server/usecases/budgets.ts';
import { openShop } from '#tests/support/shop.ts';
import { systemRoles } from '#workflows/domain/access/permissions.ts';

type Shop = Awaited<ReturnType<typeof openShop>>;
let shop: Shop;
let { store, services } = {} as Shop;
beforeAll(async () => {
  shop = await openShop();
  ({ store, services } = shop);
});
afterAll(() => shop.close());

const scope = { scope_type: 'phase' as const, scope_id: 'PHASE_IMPLEMENTATION' };
const callOf = (organization_id: string, role: keyof typeof systemRoles) =>
  ({
    services: { ...services, workflows: {} },
    organization_id,
    actor: { grants: [{ organization_id, role, permissions: systemRoles[role] }] },
  }) as unknown as Call;
const set = (call: Call, more: object) => setBudget(call, contract.body.parse({ ...scope, limit_amount: 10, ...more }));

const spend = (organization_id: string, cost_micros: number, more: object = {}) =>
  store.costs.record({
    ...{ key: randomUUID(), organization_id, project_id: null, phase: scope.scope_id, ...more },
    ...{ kind: 'turn', provider: 'played', model: 'played', input_tokens: 1, output_tokens: 1 },
    ...{ cache_read_tokens: 0, cache_write_tokens: 0, input_micros: 0, output_micros: cost_micros, cost_micros },
  });

test('[BILL-17] who may not raise a budget loosens it in no other way, and may make it stricter', async () => {
  const { organization_id } = await shop.buyer();
  const [owner, admin] = [callOf(organization_id, 'owner'), callOf(organization_id, 'admin')];
  const later = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const refused = {
    code: 'forbidden',
    message: expect.stringMatching(/loosening it otherwise, takes the role owner/) as string,
  };
  await set(owner, { period: 'month', raise_role: 'owner' });
  for (const looser of [
    { limit_amount: 11 },
    { period: 'day' },
    { period: 'week' },
    { period_end: new Date(Date.now() + 1000).toISOString() },
    { period: null, period_end: later(90) },
    { raise_role: 'admin' },
  ])
    await expect(set(admin, looser)).rejects.toMatchObject(refused);
  await expect(raiseBudget(admin, { ...scope, limit_amount: 11 })).rejects.toMatchObject(refused);
  expect(await set(admin, { limit_amount: 9 })).toMatchObject({
    limit_amount: 9,
    period: 'month',
    raise_role: 'owner',
  });
  // Spent once, and without an end, is stricter still. Each way back is a looser one.
  expect(await set(admin, { limit_amount: 9, period: null })).toMatchObject({ period: null, period_end: null });
  for (const looser of [{ period: 'month' }, { period_end: later(1) }])
    await expect(set(admin, { limit_amount: 9, ...looser })).rejects.toMatchObject(refused);
  expect(await set(owner, { period: 'day', raise_role: 'admin' })).toMatchObject({
    period: 'day',
    raise_role: 'admin',
  });
});

test('[BILL-17] a new budget counts what its scope has spent before, and says at once that it is exceeded', async () => {
  const { organization_id } = await shop.buyer();
  const owner = callOf(organization_id, 'owner');
  await spend(organization_id, 800_000);
  // More than a number of 32 bits holds.
  for (let times = 0; times < 2; times += 1) await spend(organization_id, 1_500_000_000, { phase: 'PHASE_TESTING' });
  expect(await set(owner, { limit_amount: 1 })).toMatchObject({
    spent_amount: 0.8,
    warned_at: expect.any(String) as string,
    exceeded_at: null,
  });
  const all = await set(owner, { scope_type: 'global', scope_id: undefined, limit_amount: 5, period: 'day' });
  expect(all).toMatchObject({ spent_amount: 3000.8, exceeded_at: expect.any(String) as string });
  const events = await store.events.after(organization_id, 0, 50, {
    types: ['cost.budget.warning', 'cost.budget.exceeded'],
  });
  expect(events.map(({ data }) => (data as { level: string }).level)).toEqual([
    'warning',
    'warning',
    'critical',
    'exceeded',
  ]);
  // The next cost is added, and warns of nothing again.
  await spend(organization_id, 50_000);
  expect(await set(owner, { limit_amount: 1 })).toMatchObject({ spent_amount: 0.85 });
});

test('[BILL-17] a cost that is recorded while its budget begins is counted once', async () => {
  const { organization_id } = await shop.buyer();
  const owner = callOf(organization_id, 'owner');
  const costs = Array.from({ length: 20 }, () => spend(organization_id, 1000));
  await Promise.all([...costs.slice(0, 10), set(owner, {}), ...costs.slice(10)]);
  expect(await set(owner, {})).toMatchObject({ spent_amount: 0.02 });
});
