import type { PlanTask } from '#workflows/domain/phases/tasks.ts';
import { planTaskTypes } from '#workflows/domain/phases/tasks.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';

/** The state of the form of a planned task. Lists have one entry a line. */
export interface TaskDraft {
  title: string;
  description: string;
  parent_ticket: string;
  type: string;
  priority: string;
  estimated_hours: string;
  files_to_create: string;
  files_to_modify: string;
  depends_on: string;
  requirements_addressed: string;
  criteria: { text: string; check: string }[];
}

export const taskDraft = (task: PlanTask | undefined, ticket = ''): TaskDraft => ({
  title: task?.title ?? '',
  description: task?.description ?? '',
  parent_ticket: task?.parent_ticket ?? ticket,
  type: task?.type ?? planTaskTypes[0],
  priority: task?.priority ?? 'MEDIUM',
  estimated_hours: String(task?.estimated_hours ?? 2),
  files_to_create: (task?.files_to_create ?? []).join('\n'),
  files_to_modify: (task?.files_to_modify ?? []).join('\n'),
  depends_on: (task?.dependencies.depends_on ?? []).join(', '),
  requirements_addressed: (task?.requirements_addressed ?? []).join(', '),
  criteria: (task?.acceptance_criteria ?? []).map(({ text, check }) => ({ text, check: check ?? '' })),
});

const parts = (text: string, by: RegExp) =>
  text
    .split(by)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** All fields of a draft as the API takes them. */
function fieldsOf(draft: TaskDraft) {
  const { criteria, estimated_hours: hours, type, priority, ...texts } = draft;
  return {
    title: texts.title.trim(),
    description: texts.description.trim(),
    parent_ticket: texts.parent_ticket,
    type: planTaskTypes.find((one) => one === type),
    priority: priorities.find((one) => one === priority),
    estimated_hours: Number(hours),
    files_to_create: parts(texts.files_to_create, /\n/),
    files_to_modify: parts(texts.files_to_modify, /\n/),
    depends_on: parts(texts.depends_on, /[\s,]+/),
    requirements_addressed: parts(texts.requirements_addressed, /[\s,]+/),
    acceptance_criteria: criteria
      .filter(({ text }) => text.trim() !== '')
      .map(({ text, check }) => ({ text: text.trim(), ...(check.trim() ? { check: check.trim() } : {}) })),
  };
}

/** The fields of a new task. */
export const newTask = fieldsOf;

/** The fields that a form changed, and no others, so that two people can change different fields. */
export function taskChanges(before: TaskDraft, draft: TaskDraft): Partial<ReturnType<typeof fieldsOf>> {
  const [old, now] = [fieldsOf(before), fieldsOf(draft)];
  return Object.fromEntries(
    Object.entries(now).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name as keyof typeof old]),
    ),
  );
}
