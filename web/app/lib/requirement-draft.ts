import type { Requirement } from '#workflows/domain/phases/requirements.ts';
import { requirementCategories } from '#workflows/domain/requirements/ids.ts';
import { priorities, type Priority } from '#workflows/domain/tasks/states.ts';

type Category = (typeof requirementCategories)[number];

/** The state of a requirement's form. */
export interface RequirementDraft {
  title: string;
  text: string;
  priority: Priority;
  category: Category;
  criteria: { text: string; check: string }[];
}

export const draftOf = (item: Requirement | undefined): RequirementDraft => ({
  title: item?.title ?? '',
  text: item?.text ?? 'WHEN , THE SYSTEM SHALL ',
  priority: priorities.find((one) => one === item?.priority.toUpperCase()) ?? 'MEDIUM',
  category: requirementCategories.find((one) => one === item?.category) ?? 'FUNC',
  criteria: item
    ? item.acceptance_criteria.map(({ text, check }) => ({ text, check: check ?? '' }))
    : [
        { text: '', check: '' },
        { text: '', check: '' },
      ],
});

interface Fields {
  title?: string;
  text?: string;
  priority?: Priority;
  acceptance_criteria?: { text: string; check?: string }[];
}

/**
 * The fields that a form changed, and no others, so that two people can change different fields. Empty criteria are
 * left out.
 */
export function changesOf(
  before: Requirement | undefined,
  draft: RequirementDraft,
): { fields: Fields; changed: boolean } {
  const written = draftOf(before);
  const fields: Fields = {};
  for (const name of ['title', 'text'] as const)
    if (!before || draft[name].trim() !== written[name].trim()) fields[name] = draft[name].trim();
  if (!before || draft.priority !== written.priority) fields.priority = draft.priority;
  const listed = (criteria: RequirementDraft['criteria']) =>
    criteria
      .filter(({ text }) => text.trim() !== '')
      .map(({ text, check }) => ({ text: text.trim(), ...(check.trim() ? { check: check.trim() } : {}) }));
  if (!before || JSON.stringify(listed(draft.criteria)) !== JSON.stringify(listed(written.criteria)))
    fields.acceptance_criteria = listed(draft.criteria);
  return { fields, changed: Object.keys(fields).length > 0 };
}

/**
 * Applies the editor's changes to a requirement that another person changed in the meantime: fields that the editor did
 * not change are theirs.
 * @returns clash: true when both changed the same field.
 */
export function mergeDrafts(
  before: Requirement,
  theirs: Requirement,
  draft: RequirementDraft,
): { draft: RequirementDraft; clash: boolean } {
  const mine = changesOf(before, draft).fields;
  const other = changesOf(before, draftOf(theirs)).fields;
  const merged = draftOf(theirs);
  if (mine.title !== undefined) merged.title = draft.title;
  if (mine.text !== undefined) merged.text = draft.text;
  if (mine.priority !== undefined) merged.priority = draft.priority;
  if (mine.acceptance_criteria !== undefined) merged.criteria = draft.criteria;
  return { draft: merged, clash: Object.keys(mine).some((name) => name in other) };
}
