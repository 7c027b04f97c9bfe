export const promoKinds = ['percentage', 'fixed_amount', 'full_bypass', 'trial_extension'] as const;

/** A code as far as it decides whether it holds. */
interface Code {
  is_active: boolean;
  max_uses: number | null;
  uses: number;
  valid_from: Date | null;
  valid_until: Date | null;
}

/** Why a code cannot be redeemed now; null: it can. */
export function refusalOf(code: Code | null, now: Date): string | null {
  if (!code) return 'code: this code is invalid. Check its spelling.';
  if (!code.is_active) return 'code: this code is no longer active.';
  if (code.valid_from && now < code.valid_from)
    return `code: this code holds from ${code.valid_from.toISOString()} on.`;
  if (code.valid_until && now >= code.valid_until) return 'code: this code has expired.';
  if (code.max_uses !== null && code.uses >= code.max_uses) return 'code: this code has reached its usage limit.';
  return null;
}

/** Whether the discount or trial of a code is for this plan. A code that names no plan is for all. */
export const fitsTier = ({ applicable_tiers: tiers }: { applicable_tiers: readonly string[] }, tier: string): boolean =>
  tiers.length === 0 || tiers.includes(tier);
