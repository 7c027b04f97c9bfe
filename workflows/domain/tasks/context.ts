import type { DesignOutput } from '../phases/design.ts';
import type { ExploreOutput } from '../phases/explore.ts';
import { cutStart } from '../text.ts';
import { handOverMarkdown, type HandOver } from './hand-over.ts';

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
  ticket: {
    id: string;
    key: string;
    title: string;
    description: string;
    /** What the last test of the ticket's work found. */
    validation_feedback?: string;
  };
  spec: { id: string; title: string; description: string } | null;
  /** What the launch of the spec, or of the ticket without one, forbids to change. */
  forbidden_paths?: string[];
  requirements: {
    key: string;
    title: string;
    text: string;
    acceptance_criteria: { id: string; text: string; completed: boolean }[];
  }[];
  design: string | null;
  spec_tasks: { local_id: string | null; title: string; status: string }[];
  current_spec_task: string | null;
  revision: {
    feedback: string;
    recommendations: string[];
    iteration: number;
    /** Commands of the review that ran and failed. */
    failing: { command: string; exit_code: number; excerpt: string }[];
  } | null;
  synthesis_context: unknown;
  discovery: { type: string; description: string } | null;
  /** Decisions, risks, summaries and notes of the ticket's earlier phases (MEM-10). */
  handed_over?: HandOver[];
}

/** Characters of the design that the agent of a task is given. */
const designLength = 16_000;

const within = (file: string, path: string) =>
  path !== '' && (file === path || file.startsWith(path.replace(/\/*$/, '/')));

/** The components that a task builds, and those that depend on them or that they depend on. */
function componentsOf({ components }: DesignOutput, files: string[]) {
  const own = components.filter(
    ({ file_path: path }) => files.length === 0 || files.some((file) => within(file, path) || within(path, file)),
  );
  const names = new Set(own.map(({ name }) => name));
  const needed = new Set(own.flatMap(({ dependencies }) => dependencies));
  const beside = components.filter(
    (component) =>
      !own.includes(component) && (needed.has(component.name) || component.dependencies.some((d) => names.has(d))),
  );
  return { own, beside };
}

/**
 * The contract of a task: the overview, its components and their neighbours with interfaces, then data models,
 * endpoints, errors, tests and conventions. Without it two agents invent two names for one thing.
 */
export function designFor(
  design: DesignOutput | undefined,
  files: string[],
  explored?: Pick<ExploreOutput, 'conventions' | 'test_structure'>,
): string | null {
  if (!design) return null;
  const { own, beside } = componentsOf(design, files);
  const parts: [string, unknown][] = [
    ['Overview', design.architecture_overview],
    ['Components of this task', own.map(asContract)],
    ['Neighbouring components, which other tasks build', beside.map(asContract)],
    ['Data models', design.data_models],
    ['Endpoints', design.api_endpoints],
    ['Errors', design.error_handling],
    ['Tests', design.testing_strategy],
    ['Conventions of the repository', explored?.conventions],
    ['Where tests are', explored?.test_structure],
  ];
  const text = parts
    .filter(([, value]) => isGiven(value))
    .map(([title, value]) => `## ${title}\n${typeof value === 'string' ? value : linesOf(value)}`)
    .join('\n\n');
  return cutStart(text, designLength);
}

const asContract = ({ name, file_path, responsibility, interfaces }: DesignOutput['components'][number]) => ({
  name,
  file_path,
  responsibility,
  interfaces,
});

const isGiven = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).some(isGiven)
    : value !== undefined && value !== '';

/** A value on one line, without what is empty and without the quotes of JSON, which cost a third more tokens. */
function inWords(value: unknown): string {
  if (Array.isArray(value)) return `[${value.filter(isGiven).map(inWords).join(', ')}]`;
  return typeof value === 'object' && value !== null ? `{${fieldsOf(value)}}` : String(value);
}

const fieldsOf = (value: object): string =>
  Object.entries(value)
    .flatMap(([name, field]) => (isGiven(field) ? [`${name}: ${inWords(field)}`] : []))
    .join('; ');

/** One line for each item, so that a cut leaves whole items. */
function linesOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `- ${linesOf(item)}`).join('\n');
  return typeof value === 'object' && value !== null ? fieldsOf(value) : String(value);
}

/** The context as Markdown, for people. */
export function contextMarkdown(context: TaskContext): string {
  const parts = [
    `# ${context.task.key}: ${context.task.title}`,
    context.task.description,
    `Ticket ${context.ticket.key}: ${context.ticket.title}`,
  ];
  if (context.ticket.validation_feedback)
    parts.push(`## What the test of this ticket found\n${context.ticket.validation_feedback}`);
  if (context.handed_over) parts.push(`## From the phases before\n${handOverMarkdown(context.handed_over)}`);
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
