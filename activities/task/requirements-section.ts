import { asData } from '#workflows/domain/agent/untrusted.ts';
import type { TaskContext } from '#workflows/domain/tasks/context.ts';

/** The requirements that a task serves, with their criteria: for its author and for its reviewer. */
export const requirementsSection = ({ requirements }: Pick<TaskContext, 'requirements'>) =>
  requirements.length > 0
    ? [{ title: 'Requirements it serves', text: asData('requirements', requirements.map(asText).join('\n')) }]
    : [];

const asText = ({ key, text, acceptance_criteria }: TaskContext['requirements'][number]) =>
  [`${key}: ${text}`, ...acceptance_criteria.map((criterion) => `  ${criterion.id}: ${criterion.text}`)].join('\n');
