import * as rules from '#workflows/domain/access/onboarding.ts';
import { notFound } from '#workflows/domain/errors.ts';
import type { Body } from '../contracts/contract.ts';
import type * as contracts from '../contracts/onboarding.ts';
import type { Call } from '../http/context.ts';
import { requireSignIn } from './account.ts';

const toView = ({ completed_at: ended, ...state }: rules.Onboarding) => ({
  ...state,
  checklist: rules.checklistItems.map((id) => ({ id, completed: state.completed_steps.includes(id) })),
  completed_at: ended?.toISOString() ?? null,
});

async function change(call: Call, next: (state: rules.Onboarding, now: Date) => rules.Onboarding) {
  requireSignIn(call);
  const { services, actor } = call;
  return toView(await services.store.identity.changeOnboarding(actor.user_id, (state) => next(state, new Date())));
}

export const status = async ({ services, actor }: Call) =>
  toView(await services.store.identity.onboarding(actor.user_id));

export const step = (call: Call, input: Body<typeof contracts.onboardingStep>) =>
  change(call, (state, now) => rules.takeStep(state, input.step, input.data, now));

export const complete = (call: Call, { data }: Body<typeof contracts.completeOnboarding>) =>
  change(call, (state, now) => rules.takeStep(state, 'complete', data, now));

export const sync = (call: Call, input: Body<typeof contracts.syncOnboarding>) =>
  change(call, (state, now) => rules.syncOnboarding(state, input, now));

/** Facts win over the record of steps: what was set up elsewhere is done, and what was removed is missing again. */
export async function detect({ services, actor }: Call) {
  const { identity } = services.store;
  const [{ organization, project }, state, accounts] = await Promise.all([
    identity.onboardingFacts(actor.user_id),
    identity.onboarding(actor.user_id),
    identity.oauthAccountsOf(actor.user_id),
  ]);
  const github = accounts.find(({ provider, repositories_at: at }) => provider === 'github' && at !== null);
  const plan = organization?.plan ?? null;
  const paid = plan !== null && plan !== 'free';
  const found = {
    github: {
      completed: github !== undefined,
      current: github?.login ?? null,
      can_change: services.identityProviders.has('github'),
    },
    organization: { completed: organization !== null, current: organization?.name ?? null, can_change: true },
    repo: { completed: project !== null, current: project?.name ?? null, can_change: true },
    plan: { completed: paid || state.completed_steps.includes('plan'), current: plan, can_change: plan !== 'local' },
  };
  const steps = [
    ['github', found.github],
    ['welcome', found.organization],
    ['repo', found.repo],
    ['plan', found.plan],
  ] as const;
  const missing = steps.find(([, { completed, can_change }]) => !completed && can_change);
  return { ...found, suggested_step: missing?.[0] ?? ('complete' as const) };
}

export async function reset(call: Call, userId: string) {
  requireSignIn(call);
  const { services } = call;
  if (!(await services.store.identity.userById(userId))) throw notFound('user');
  await services.store.identity.resetOnboarding(userId);
  return toView(rules.newOnboarding);
}
