import type { CriterionVerdict } from '#workflows/domain/requirements/verdict.ts';
import type { Services } from './services.ts';

/** What is wrong with verdicts on criteria that the requirements of the reviewed task do not have; undefined: nothing. */
export async function unknownCriteria(
  { store }: { store: Pick<Services['store'], 'tasks'> },
  { organization_id, task_id }: { organization_id: string; task_id: string | null },
  verdicts: readonly Pick<CriterionVerdict, 'criterion_id'>[],
): Promise<string | undefined> {
  if (verdicts.length === 0 || !task_id) return undefined;
  const { requirements } = await store.tasks.context(await store.tasks.get(organization_id, task_id));
  const known = requirements.flatMap((one) => one.acceptance_criteria.map(({ id }) => id));
  const wrong = verdicts.filter(({ criterion_id: id }) => !known.includes(id)).map(({ criterion_id: id }) => id);
  if (wrong.length === 0) return undefined;
  const remedy = known.length > 0 ? `Use the ids of the requirements: ${known.join(', ')}.` : 'Leave criteria out.';
  return `criteria: ${wrong.join(', ')} is no acceptance criterion of the requirements that the task serves. ${remedy}`;
}
