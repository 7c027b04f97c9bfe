import { AppError } from '../errors.ts';
import type { RequirementsOutput } from '../phases/requirements.ts';
import type { requirementCategories } from './ids.ts';

/** The fields of a requirement that a person may edit. Code assigns the ids. */
interface RequirementFields {
  title: string;
  text: string;
  priority: string;
  category: (typeof requirementCategories)[number];
  acceptance_criteria: { text: string; check?: string }[];
}

export type RequirementEdit =
  | { action: 'added'; fields: RequirementFields }
  | { action: 'changed'; id: string; fields: Partial<Omit<RequirementFields, 'category'>> }
  | { action: 'removed'; id: string };

/** An edit of one criterion. Criteria are numbered by their place, so a removal moves the later ones up. */
export type CriterionEdit =
  | { action: 'added'; requirement: string; text: string; check?: string }
  | { action: 'changed'; id: string; text?: string; check?: string }
  | { action: 'removed'; id: string };

/** The edit of a requirement that an edit of one of its criteria stands for. @throws AppError as `editRequirements`. */
export function asRequirementEdit({ requirements }: RequirementsOutput, edit: CriterionEdit): RequirementEdit {
  const owner = requirements.find((item) =>
    edit.action === 'added' ? item.id === edit.requirement : item.acceptance_criteria.some(({ id }) => id === edit.id),
  );
  if (!owner)
    throw new AppError(
      'not_found',
      edit.action === 'added'
        ? `The spec has no requirement ${edit.requirement}.`
        : `The spec has no criterion ${edit.id}.`,
    );
  const known = owner.acceptance_criteria;
  if (edit.action === 'removed' && known.length === 1)
    throw new AppError('invalid_rule', `${owner.id} needs at least one acceptance criterion.`);
  const { text = '', check } = edit.action === 'removed' ? {} : edit;
  const criteria =
    edit.action === 'added'
      ? [...known, { text, check }]
      : edit.action === 'removed'
        ? known.filter(({ id }) => id !== edit.id)
        : known.map((one) =>
            one.id === edit.id ? { ...one, ...(text ? { text } : {}), check: check ?? one.check } : one,
          );
  return {
    action: 'changed',
    id: owner.id,
    fields: { acceptance_criteria: criteria.map((one) => ({ text: one.text, check: one.check })) },
  };
}

/**
 * Applies an edit.
 * @returns the requirements after it, still to be parsed and judged, and the id of the edited one.
 * @throws AppError `not_found` when the id does not exist; `invalid_rule` when a requirement to remove is the last one,
 * or others depend on it.
 */
export function editRequirements(
  output: RequirementsOutput,
  edit: RequirementEdit,
): { id: string; requirements: object[] } {
  const items = output.requirements;
  if (edit.action === 'added') {
    const id = nextId(
      items.map((item) => item.id),
      output.feature_name,
      edit.fields.category,
    );
    return {
      id,
      requirements: [
        ...items,
        {
          ...edit.fields,
          id,
          type: edit.fields.category === 'FUNC' ? 'functional' : 'non-functional',
          dependencies: [],
          notes: '',
        },
      ],
    };
  }
  const { id } = edit;
  if (!items.some((item) => item.id === id)) throw new AppError('not_found', `The spec has no requirement ${id}.`);
  if (edit.action === 'changed')
    return { id, requirements: items.map((item) => (item.id === id ? { ...item, ...edit.fields } : item)) };
  const dependents = items.filter((item) => item.dependencies.includes(id)).map((item) => item.id);
  if (dependents.length > 0)
    throw new AppError(
      'invalid_rule',
      `${dependents.join(', ')} ${dependents.length === 1 ? 'depends' : 'depend'} on ${id}: remove or change what depends on it first.`,
    );
  if (items.length === 1) throw new AppError('invalid_rule', 'A plan needs at least one requirement.');
  return { id, requirements: items.filter((item) => item.id !== id) };
}

/** The next free id, with the feature name that the other ids use. */
function nextId(ids: readonly string[], featureName: string, category: string): string {
  const word =
    /^REQ-(.+)-[A-Z]+-\d+$/.exec(ids[0] ?? '')?.[1] ??
    featureName
      .toUpperCase()
      .match(/[A-Z0-9]+/g)
      ?.slice(-1)[0] ??
    'FEATURE';
  const taken = ids.map((id) => Number(new RegExp(`^REQ-${word}-${category}-(\\d+)$`).exec(id)?.[1] ?? 0));
  return `REQ-${word}-${category}-${String(Math.max(0, ...taken) + 1).padStart(3, '0')}`;
}
