import type { Services } from '#activities/ports/services.ts';
import type { PromoCode } from '#prisma/store/promo-codes.ts';
import { refusalOf, type promoKinds } from '#workflows/domain/billing/promo-codes.ts';
import type * as contracts from '../contracts/promo-codes.ts';
import type { Body } from '../contracts/contract.ts';
import type { Actor, Call } from '../http/context.ts';
import { iso } from './views.ts';

type Kind = (typeof promoKinds)[number];

const toView = (row: PromoCode) => ({
  code: row.code,
  kind: row.kind as Kind,
  value: row.value,
  grant_tier: row.grant_tier,
  grant_duration_months: row.grant_months,
  applicable_tiers: row.applicable_tiers,
  max_uses: row.max_uses,
  uses: row.uses,
  valid_from: iso(row.valid_from),
  valid_until: iso(row.valid_until),
  is_active: row.is_active,
  description: row.description,
  created_at: row.created_at.toISOString(),
});

export async function createPromoCode({ services, actor }: Call, input: Body<typeof contracts.createPromoCode>) {
  const { grant_tier, grant_duration_months, value, valid_from, valid_until, ...rest } = input;
  const grants = input.kind === 'full_bypass';
  const row = await services.store.promoCodes.create({
    ...rest,
    value: value ?? null,
    valid_from: valid_from && new Date(valid_from),
    valid_until: valid_until && new Date(valid_until),
    grant_tier: grants ? grant_tier : null,
    grant_months: grants ? grant_duration_months : null,
    created_by: actor.user_id,
  });
  await audit(services, actor, 'promo_code_created', row.code);
  return toView(row);
}

const audit = (services: Services, actor: Actor, event: `promo_code_${'created' | 'deactivated'}`, code: string) =>
  services.store.identity.audit(event, { user_id: actor.user_id, email: actor.email }, { code });

export const listPromoCodes = async ({ services }: Call, active_only: boolean) => ({
  items: (await services.store.promoCodes.list({ active_only })).map(toView),
});

export async function deactivatePromoCode({ services, actor }: Call, code: string): Promise<undefined> {
  await services.store.promoCodes.deactivate(code);
  await audit(services, actor, 'promo_code_deactivated', code);
}

const typed = (code: string) => code.trim().toUpperCase();

export async function validatePromoCode({ services }: Call, code: string) {
  const found = await services.store.promoCodes.find(typed(code));
  const refusal = refusalOf(found, new Date());
  return { valid: refusal === null, message: refusal?.replace(/^code: t/, 'T') ?? meaningOf(found as PromoCode) };
}

const counted = (count: number | null, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;

function meaningOf({ kind, value, grant_tier, grant_months }: PromoCode): string {
  if (kind === 'percentage') return `The next purchase of a plan costs ${value} % less.`;
  if (kind === 'fixed_amount') return `The next purchase of a plan costs $${((value ?? 0) / 100).toFixed(2)} less.`;
  if (kind === 'trial_extension')
    return `The next subscription begins with ${counted(value, 'day')} without a payment.`;
  return `The plan ${grant_tier} is free ${grant_months === null ? 'for life' : `for ${counted(grant_months, 'month')}`}.`;
}

export async function redeemPromoCode({ services, actor, organization_id }: Call, code: string) {
  const redeemed = await services.store.promoCodes.redeem(organization_id, typed(code), actor.user_id);
  return { code: redeemed.code, kind: redeemed.kind as Kind, message: meaningOf(redeemed) };
}
