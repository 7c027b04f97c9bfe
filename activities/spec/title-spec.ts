import type { Spec } from '#prisma/store/specs.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { isCutTitle } from '#workflows/domain/phases/title.ts';
import type { Services } from '../ports/services.ts';
import { askTitle } from '../support/ask-title.ts';

/**
 * Gives a spec a title where its own is only the beginning of its request (PLAN-02). The request stays as it was written,
 * a title that a person chose stays too, and so does every title where no model gives one. Safe to repeat.
 */
export async function titleSpec(services: Services, spec: Spec, signal?: AbortSignal): Promise<Spec> {
  if (spec.started_at !== null || !isCutTitle(spec)) return spec;
  const { id, title: before, description, organization_id, project_id, version, content_hash } = spec;
  const scope = { organization_id, project_id, spec_id: id };
  const context = { spec_id: id };
  const answer = await askTitle(services, { kind: 'feature', id, title: before, description, context, scope }, signal);
  if (!answer.available) return spec;
  try {
    // The same request is known again by the words in which it came.
    const words = { ...answer.value, content_hash: () => content_hash };
    return await services.store.specs.edit(organization_id, id, words, { version, by: 'platform' });
  } catch (error) {
    // A person has edited it meanwhile.
    if (error instanceof AppError && error.code === 'conflict') return services.store.specs.get(organization_id, id);
    throw error;
  }
}
