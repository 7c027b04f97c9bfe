/** Parts of the platform that the operator, for all, or an organization, for itself, may turn off. */
const features = ['discoveries', 'validation', 'guardian', 'memory', 'collaboration'] as const;
export type Feature = (typeof features)[number];

/** Flags that are refused, and what to do instead. A flag that changes nothing would promise what does not happen. */
export const refusedFlags: Readonly<Record<string, string>> = {
  budget_tracking: 'is not accepted: budgets keep runs within their limits and cannot be turned off. Remove it.',
  billing: 'is not accepted: the operator decides with OMOIOS_BILLING_ENFORCE whether work needs a plan. Remove it.',
};

/** Why a setting of an organization is not a flag; undefined for a flag, and for a setting of another kind. */
export function flagProblem(setting: string, value: unknown): string | undefined {
  if (!setting.startsWith('enable_')) return undefined;
  const name = setting.slice('enable_'.length);
  if (refusedFlags[name]) return refusedFlags[name].replace(/\.$/, '');
  if (!features.some((feature) => feature === name))
    return `is not a flag. Flags are ${features.map((feature) => `enable_${feature}`).join(', ')}`;
  return typeof value === 'boolean' ? undefined : 'must be true or false';
}
