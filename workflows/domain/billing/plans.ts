import { z } from 'zod';

/** A number of workflows a month or of agents; null: unlimited. */
const limit = z.number().int().min(0).nullable();

export const planSchema = z.strictObject({
  label: z.string().min(1),
  /** Cents, a month or once; null: agreed upon. */
  price_cents: z.number().int().min(0).nullable(),
  interval: z.enum(['month', 'once']),
  workflows_per_month: limit,
  agents: limit,
  /** GB that are promised. Storage is not measured, so nothing is refused for it. */
  storage_gb: limit,
  /** Whether organization and people may use keys of their own at providers of models. */
  own_keys: z.boolean(),
  /** Whether its work is done with such keys alone: the platform's pays for none of it. */
  needs_own_keys: z.boolean(),
  /** Whether people can buy it by themselves. */
  for_sale: z.boolean(),
});
export type Plan = z.output<typeof planSchema>;

export const planNames = ['free', 'pro', 'team', 'lifetime', 'byo', 'enterprise', 'local'] as const;
type PlanName = (typeof planNames)[number];
export type Plans = Record<PlanName, Plan>;

/**
 * The one table of plans: page, checkout, gate, slots and prices read it. `billing.plans` changes single values.
 * `local` is the plan of the embedded stack's own organization.
 */
const defaultPlans: Plans = {
  free: plan('Free', 0, 5, 1, 2),
  pro: plan('Pro', 5000, 100, 5, 50, { own_keys: true, for_sale: true }),
  team: plan('Team', 15_000, 500, 10, 500, { own_keys: true, for_sale: true }),
  lifetime: plan('Lifetime', 29_900, 50, 5, 50, { interval: 'once', for_sale: true }),
  byo: plan('Own keys', 1900, null, 5, 50, { own_keys: true, needs_own_keys: true, for_sale: true }),
  enterprise: plan('Enterprise', null, null, null, null, { own_keys: true }),
  local: plan('Local', 0, null, null, null, { own_keys: true }),
};

function plan(
  label: string,
  price_cents: number | null,
  workflows_per_month: number | null,
  agents: number | null,
  storage_gb: number | null,
  more: Partial<Plan> = {},
): Plan {
  return {
    label,
    price_cents,
    interval: 'month',
    workflows_per_month,
    agents,
    storage_gb,
    own_keys: false,
    needs_own_keys: false,
    for_sale: false,
    ...more,
  };
}

export const planChanges = z.partialRecord(z.enum(planNames), planSchema.partial());

export const plansWith = (changes: z.output<typeof planChanges>): Plans =>
  Object.fromEntries(planNames.map((name) => [name, { ...defaultPlans[name], ...changes[name] }])) as Plans;

/** What an installation asks for work. */
export interface BillingRules {
  /** Without it, every workflow may start and nothing is charged; the ledger counts it all the same. */
  enforced: boolean;
  plans: Plans;
  /** Cents of a workflow that no quota covers. */
  workflow_cents: number;
  /** The most that an organization may owe for workflows that are invoiced, in cents. */
  max_owed_cents: number;
  /** The most organizations on the plan free that one person may own; each has free workflows. */
  free_organizations_per_person: number;
}

/** The rules that the settings make. */
export const billingRules = (settings: {
  enforce: boolean;
  plans: z.output<typeof planChanges>;
  workflow_cents: number;
  max_owed_cents: number;
  free_organizations_per_person: number;
}): BillingRules => ({
  enforced: settings.enforce,
  plans: plansWith(settings.plans),
  workflow_cents: settings.workflow_cents,
  max_owed_cents: settings.max_owed_cents,
  free_organizations_per_person: settings.free_organizations_per_person,
});

/** An organization whose plan is in no table any more has the free one. */
export const planNamed = ({ plans }: Pick<BillingRules, 'plans'>, name: string): Plan =>
  (plans as Record<string, Plan | undefined>)[name] ?? plans.free;

/** Whether keys of their own are used for the work of organizations with a plan. */
export const mayUseOwnKeys = (rules: BillingRules, plan: string): boolean =>
  !rules.enforced || planNamed(rules, plan).own_keys;

/** Whether the platform's key is used for no work of organizations with a plan. */
export const needsOwnKeys = (rules: BillingRules, plan: string): boolean =>
  rules.enforced && planNamed(rules, plan).needs_own_keys;

/** The agents of an organization that work at once: its own limit, and that of its plan. */
export const agentsOf = (rules: BillingRules, organization: { plan: string; max_concurrent_agents: number }): number =>
  rules.enforced
    ? Math.min(organization.max_concurrent_agents, planNamed(rules, organization.plan).agents ?? Infinity)
    : organization.max_concurrent_agents;
