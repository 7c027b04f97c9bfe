import { AppError } from '#workflows/domain/errors.ts';
import type { Feature } from '#workflows/domain/features.ts';
import type { Services } from './services.ts';

const forAll = ({ features }: Services['config']): Record<Feature, boolean> => ({
  discoveries: features.enable_discoveries,
  validation: features.enable_validation,
  guardian: features.enable_guardian,
  memory: features.enable_memory,
  collaboration: features.enable_collaboration,
});

type Needed = Pick<Services, 'config' | 'store'>;

/** Whether a part works for an organization: neither the operator nor the organization has turned it off. */
export async function isEnabled({ config, store }: Needed, organizationId: string, feature: Feature): Promise<boolean> {
  if (!forAll(config)[feature]) return false;
  const { settings } = await store.identity.organization(organizationId);
  return (settings as Record<string, unknown> | null)?.[`enable_${feature}`] !== false;
}

/** @throws conflict where the part is turned off. */
export async function requireEnabled(services: Needed, organizationId: string, feature: Feature): Promise<void> {
  if (!(await isEnabled(services, organizationId, feature))) throw new AppError('conflict', whyOff(services, feature));
}

/** @returns who turned it off, and the remedy. */
const whyOff = ({ config }: Pick<Needed, 'config'>, feature: Feature): string =>
  forAll(config)[feature]
    ? `The organization has turned ${feature} off (settings.enable_${feature}). An administrator of it can turn it on again.`
    : `The operator has turned ${feature} off (OMOIOS_FEATURES_ENABLE_${feature.toUpperCase()}).`;
