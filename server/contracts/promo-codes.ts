import { z } from 'zod';
import { promoKinds } from '#workflows/domain/billing/promo-codes.ts';
import { byId, contract, idParams, isoTime, maxInteger } from './contract.ts';

/** Upper case, whatever a person typed. */
const code = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_-]{3,50}$/, 'must have 3 to 50 letters, digits, - or _')
  .transform((text) => text.toUpperCase());
const tier = z.enum(['pro', 'team', 'lifetime']);
const time = z.iso.datetime({ offset: true });

const promoCode = z.object({
  code: z.string(),
  kind: z.enum(promoKinds),
  value: z.number().int().nullable().meta({ description: 'Per cent, cents or days, as the kind says.' }),
  grant_tier: z.string().nullable(),
  grant_duration_months: z.number().int().nullable(),
  applicable_tiers: z.array(z.string()),
  max_uses: z.number().int().nullable(),
  uses: z.number().int(),
  valid_from: isoTime.nullable(),
  valid_until: isoTime.nullable(),
  is_active: z.boolean(),
  description: z.string().nullable(),
  created_at: isoTime,
});

const ofOperators = { tag: 'billing', auth: 'administrator', scope: 'none' } as const;

const limits = { percentage: 100, fixed_amount: 10_000_000, trial_extension: 365 } as const;

export const createPromoCode = contract({
  ...ofOperators,
  method: 'post',
  path: '/billing/promo-codes',
  summary: 'Make a promo code',
  body: z
    .strictObject({
      code,
      kind: z.enum(promoKinds),
      value: z.number().int().min(1).optional(),
      grant_tier: tier.default('pro'),
      grant_duration_months: z.number().int().min(1).max(36).nullable().default(null),
      applicable_tiers: z.array(tier).max(3).default([]),
      max_uses: z.number().int().min(1).max(maxInteger).nullable().default(null),
      valid_from: time.nullable().default(null),
      valid_until: time.nullable().default(null),
      description: z.string().max(500).nullable().default(null),
    })
    .superRefine(({ kind, value, valid_from: from, valid_until: until }, context) => {
      if (from && until && Date.parse(until) <= Date.parse(from))
        context.addIssue({ code: 'custom', path: ['valid_until'], message: 'must be after valid_from' });
      const problem = (message: string) => context.addIssue({ code: 'custom', path: ['value'], message });
      if (kind === 'full_bypass') {
        if (value !== undefined) problem('does not belong to full_bypass; remove it');
        return;
      }
      if (value === undefined) problem('is missing: per cent, cents or days, as the kind says');
      else if (value > limits[kind]) problem(`must be at most ${limits[kind]}`);
    }),
  status: 201,
  response: promoCode,
});

export const listPromoCodes = contract({
  ...ofOperators,
  method: 'get',
  path: '/billing/promo-codes',
  summary: 'List the promo codes, newest first',
  query: z.object({ active_only: z.enum(['true', 'false']).default('false') }),
  response: z.object({ items: z.array(promoCode) }),
});

export const deactivatePromoCode = contract({
  ...ofOperators,
  method: 'delete',
  path: '/billing/promo-codes/{code}',
  summary: 'Deactivate a promo code; what it gave stays',
  params: z.object({ code: z.string().max(50) }),
  status: 204,
});

export const validatePromoCode = contract({
  method: 'post',
  path: '/billing/promo-codes/validate',
  tag: 'billing',
  summary: 'Check a promo code; nothing is redeemed',
  auth: 'user',
  scope: 'none',
  rate_limit: 'link',
  body: z.strictObject({ code: z.string().max(100) }),
  response: z.object({ valid: z.boolean(), message: z.string() }),
});

export const redeemPromoCode = contract({
  tag: 'billing',
  scope: byId('organization'),
  params: idParams,
  auth: 'org:billing:write',
  method: 'post',
  path: '/billing/account/{id}/promo-codes/redeem',
  summary: 'Redeem a promo code: it grants a plan at once, or reduces the next purchase',
  rate_limit: 'link',
  body: z.strictObject({ code: z.string().max(100) }),
  response: z.object({ code: z.string(), kind: z.enum(promoKinds), message: z.string() }),
  failures: [400, 409],
});
