import type { DesignOutput } from '#workflows/domain/phases/design.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { Services } from '../ports/services.ts';

/** EXEC-12: all that a task's worker is told. */
export interface TaskContext {
  task: { id: string; key: string; local_id: string | null; title: string; description: string; task_type: string; phase_id: string; priority: string; owned_files: string[]; criteria: unknown };
  ticket: { id: string; key: string; title: string; description: string };
  spec: { id: string; title: string; description: string } | null;
  requirements: { key: string; title: string; text: string; acceptance_criteria: { id: string; text: string; completed: boolean }[] }[];
  design: string | null;
  spec_tasks: { local_id: string | null; title: string; status: string }[];
  current_spec_task: string | null;
  revision: { feedback: string; recommendations: string[]; iteration: number } | null;
  synthesis_context: unknown;
  discovery: { type: string; description: string } | null;
}

export async function taskContext(services: Pick<Services, 'store'>, task: Task): Promise<TaskContext> {
  const { store } = services;
  const ticket = await store.tickets.get(task.organization_id, task.ticket_id);
  const spec = task.spec_id ? await store.specs.get(task.organization_id, task.spec_id) : null;
  const requirements = spec ? (await store.specs.requirements(spec.id)).filter((r) => task.requirements.includes(r.key)) : [];
  const outputs = spec ? await store.specs.outputs(spec.id) : {};
  const siblings = spec ? await store.tasks.ofSpec(spec.id) : [];
  const review = task.validation_iteration > 0 ? (await store.tasks.reviews(task.organization_id, task.id)).at(-1) : undefined;
  const discovery = task.discovery_id ? await store.discoveries.get(task.organization_id, task.discovery_id) : null;
  return {
    task: { id: task.id, key: task.key, local_id: task.local_id, title: task.title, description: task.description, task_type: task.task_type, phase_id: task.phase_id, priority: task.priority, owned_files: task.owned_files, criteria: task.criteria },
    ticket: { id: ticket.id, key: ticket.key, title: ticket.title, description: ticket.description },
    spec: spec && { id: spec.id, title: spec.title, description: spec.description },
    requirements: requirements.map((r) => ({ key: r.key, title: r.title, text: r.text, acceptance_criteria: r.criteria.map((c) => ({ id: c.key, text: c.text, completed: c.completed })) })),
    design: designFor(outputs.design as DesignOutput | undefined, task.owned_files),
    spec_tasks: siblings.map((t) => ({ local_id: t.local_id, title: t.title, status: t.status })),
    current_spec_task: task.local_id,
    revision: review && !review.passed ? { feedback: review.feedback, recommendations: review.recommendations as string[], iteration: review.iteration } : null,
    synthesis_context: task.synthesis_context,
    discovery: discovery && { type: discovery.discovery_type, description: discovery.description },
  };
}

/** The overview, and the components whose files the task owns. */
function designFor(design: DesignOutput | undefined, files: string[]): string | null {
  if (!design) return null;
  const own = design.components.filter((component) => files.length === 0 || files.some((file) => component.file_path !== '' && file.startsWith(component.file_path)));
  return [design.architecture_overview, ...own.map((c) => `${c.name} (${c.file_path}): ${c.responsibility}`)].join('\n').slice(0, 12_000);
}

/** The same as Markdown, for people. */
export function contextMarkdown(context: TaskContext): string {
  const parts = [`# ${context.task.key}: ${context.task.title}`, context.task.description, `Ticket ${context.ticket.key}: ${context.ticket.title}`];
  if (context.spec) parts.push(`## Feature\n${context.spec.title}\n\n${context.spec.description}`);
  for (const r of context.requirements) parts.push(`## ${r.key}\n${r.text}\n${r.acceptance_criteria.map((c) => `- [${c.completed ? 'x' : ' '}] ${c.text}`).join('\n')}`);
  if (context.design) parts.push(`## Design\n${context.design}`);
  if (context.revision) parts.push(`## Review ${context.revision.iteration} did not pass\n${[context.revision.feedback, ...context.revision.recommendations.map((line) => `- ${line}`)].join('\n')}`);
  if (context.synthesis_context) parts.push(`## Results of earlier tasks\n\`\`\`json\n${JSON.stringify(context.synthesis_context, null, 2)}\n\`\`\``);
  return parts.join('\n\n');
}
