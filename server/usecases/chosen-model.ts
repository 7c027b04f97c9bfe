import type { Services } from '#activities/ports/services.ts';
import { offeredModels } from '#workflows/domain/agent/models.ts';
import { AppError } from '#workflows/domain/errors.ts';

/**
 * The model that a launch names; undefined for the usual one, which own keys may replace.
 * @throws invalid_body for one that is not offered.
 */
export function chosenModel({ config }: Pick<Services, 'config'>, wanted: string | undefined): string | undefined {
  if (wanted === undefined || wanted === config.model.name) return undefined;
  const offered = offeredModels(config.model);
  if (offered.includes(wanted)) return wanted;
  const message = `must be one of ${offered.join(', ')}`;
  throw new AppError('invalid_body', `model ${message}. The operator offers more with OMOIOS_MODEL_OFFERED.`, [
    { field: 'model', message },
  ]);
}
