import type { DesignOutput } from '../phases/design.ts';
import { cutStart } from '../text.ts';

/** The whole context of a task for its agent (EXEC-12). */
export interface TaskContext {
  task: {
    id: string;
    key: string;
    local_id: string | null;
    title: string;
    description: string;
    task_type: string;
    phase_id: string;
    priority: string;
    owned_files: string[];
    criteria: unknown;
  };
  ticket: { id: string; key: string; title: string; description: string };
  spec: { id: string; title: string; description: string } | null;
  requirements: {
    key: string;
    title: string;
    text: string;
    acceptance_criteria: { id: string; text: string; completed: boolean }[];
  }[];
  design: string | null;
  spec_tasks: { local_id: string | null; title: string; status: string }[];
  current_spec_task: string | null;
  revision: { feedback: string; recommendations: string[]; iteration: number } | null;
  synthesis_context: unknown;
  discovery: { type: string; description: string } | null;
}

/** The part of a design that concerns a task: the overview, and the components whose files the task owns. */
export function designFor(design: DesignOutput | undefined, files: string[]): string | null {
  if (!design) return null;
  const own = design.components.filter(
    (component) =>
      files.length === 0 || files.some((file) => component.file_path !== '' && file.startsWith(component.file_path)),
  );
  const lines = own.map((c) => `${c.name} (${c.file_path}): ${c.responsibility}`);
  return cutStart([design.architecture_overview, ...lines].join('\n'), 12_000);
}

/** The context as Markdown, for people. */
export function contextMarkdown(context: TaskContext): string {
  const parts = [
    `# ${context.task.key}: ${context.task.title}`,
    context.task.description,
    `Ticket ${context.ticket.key}: ${context.ticket.title}`,
  ];
  if (context.spec) parts.push(`## Feature\n${context.spec.title}\n\n${context.spec.description}`);
  for (const r of context.requirements)
    parts.push(
      `## ${r.key}\n${r.text}\n${r.acceptance_criteria.map((c) => `- [${c.completed ? 'x' : ' '}] ${c.text}`).join('\n')}`,
    );
  if (context.design) parts.push(`## Design\n${context.design}`);
  if (context.revision)
    parts.push(
      `## Review ${context.revision.iteration} did not pass\n${[context.revision.feedback, ...context.revision.recommendations.map((line) => `- ${line}`)].join('\n')}`,
    );
  if (context.synthesis_context)
    parts.push(
      `## Results of earlier tasks\n\`\`\`json\n${JSON.stringify(context.synthesis_context, null, 2)}\n\`\`\``,
    );
  return parts.join('\n\n');
}
