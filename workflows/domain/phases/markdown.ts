import type { AcceptanceCriterion, Note } from './fields.ts';
import type { PriorOutputs } from './phase.ts';
import type { DesignOutput } from './design.ts';
import type { PrdOutput } from './prd.ts';
import type { RequirementsOutput } from './requirements.ts';
import type { TasksOutput } from './tasks.ts';
import { traceability } from './traceability.ts';

export interface SpecDocument {
  title: string;
  /** The user's words, verbatim. */
  description: string;
  status?: string;
  /** Percent, 0 to 100. */
  progress?: number;
  outputs: PriorOutputs;
}

/** A spec as one Markdown document; a phase that has not run has no chapter. */
export function specMarkdown({ title, description, status, progress, outputs }: SpecDocument): string {
  const { prd, requirements, design, tasks } = outputs;
  const facts = [
    ...(status ? [`- Status: ${status}`] : []),
    ...(progress === undefined ? [] : [`- Progress: ${progress} %`]),
  ];
  const parts = [
    `# ${line(title)}`,
    facts.join('\n'),
    quote(description),
    ...(prd ? prdChapter(prd) : []),
    ...(requirements ? requirementsChapter(requirements) : []),
    ...(design ? designChapter(design) : []),
    ...(tasks ? planChapter(tasks) : []),
    ...(requirements && tasks ? coverageChapter(requirements, tasks) : []),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function prdChapter({ overview, goals, user_stories: stories, scope, assumptions, risks }: PrdOutput): string[] {
  return [
    '## PRD',
    overview.one_liner,
    labelled('Problem', overview.problem_statement),
    labelled('Solution', overview.solution_summary),
    ...chapterList('### Goals', [...goals.primary, ...goals.secondary]),
    ...chapterTable(
      '### Success metrics',
      ['Metric', 'Target', 'Measurement'],
      goals.success_metrics.map((item) => [item.metric, item.target, item.measurement]),
    ),
    ...(stories.length ? ['### User stories'] : []),
    ...stories.flatMap((story) => [
      `#### ${story.id}`,
      `As ${line(story.role)}, I want ${line(story.want)}, so that ${line(story.benefit)}. (${story.priority || 'no priority'})`,
      criteriaList(story.acceptance_criteria),
    ]),
    ...chapterList('### In scope', scope.in_scope),
    ...chapterList('### Out of scope', scope.out_of_scope),
    ...chapterList('### Assumptions', assumptions),
    ...chapterTable(
      '### Risks',
      ['Risk', 'Impact', 'Mitigation'],
      risks.map((risk) => [risk.description, risk.impact, risk.mitigation]),
    ),
  ];
}

function requirementsChapter({ requirements, assumptions, out_of_scope: outOfScope }: RequirementsOutput): string[] {
  return [
    '## Requirements',
    ...requirements.flatMap((item) => [
      `### ${item.id}${item.title ? `: ${line(item.title)}` : ''}`,
      [item.type, item.category, item.priority].filter(Boolean).join(', '),
      item.text,
      criteriaList(item.acceptance_criteria),
    ]),
    ...chapterList('### Assumed', assumptions),
    ...chapterList('### Not demanded', outOfScope),
  ];
}

function designChapter(design: DesignOutput): string[] {
  const { testing_strategy: testing } = design;
  return [
    '## Design',
    design.architecture_overview,
    design.architecture_diagram ? fenced('mermaid', design.architecture_diagram) : '',
    ...chapterTable(
      '### Components',
      ['Component', 'File', 'Responsibility'],
      design.components.map((item) => [item.name, item.file_path, item.responsibility]),
    ),
    ...chapterTable(
      '### Data models',
      ['Model', 'Fields'],
      design.data_models.map((item) => [
        item.name,
        Object.entries(item.fields)
          .map(([name, type]) => `${name}: ${type}`)
          .join(', '),
      ]),
    ),
    ...chapterTable(
      '### Endpoints',
      ['Method', 'Path', 'Description'],
      design.api_endpoints.map((item) => [item.method, item.path, item.description]),
    ),
    ...chapterTable(
      '### Errors',
      ['Error', 'Handling'],
      Object.entries(design.error_handling).map(([name, handling]) => [name, plain(handling)]),
    ),
    ...chapterList('### Security', design.security_considerations),
    ...(typeof testing === 'string'
      ? chapterList('### Tests', testing ? [testing] : [])
      : chapterList('### Tests', [...testing.unit_tests, ...testing.integration_tests])),
  ];
}

function planChapter({ tickets, tasks }: TasksOutput): string[] {
  return [
    '## Tickets',
    ...tickets.flatMap((ticket) => [
      `### ${ticket.id}: ${line(ticket.title)}`,
      ticket.description,
      bullets([
        ...named('Priority', ticket.priority),
        ...named('Estimate', ticket.estimate),
        ...named('Requirements', ticket.requirements.join(', ')),
        ...named('Blocked by', ticket.dependencies.blocked_by.join(', ')),
      ]),
      criteriaList(ticket.acceptance_criteria),
    ]),
    '## Tasks',
    ...tasks.flatMap((task) => [
      `### ${task.id}: ${line(task.title)}`,
      task.description,
      bullets([
        ...named('Ticket', task.parent_ticket),
        ...named('Type', task.type),
        ...named('Hours', task.estimated_hours || ''),
        ...named('Files', [...task.files_to_create, ...task.files_to_modify].join(', ')),
        ...named('Depends on', task.dependencies.depends_on.join(', ')),
        ...named('Addresses', task.requirements_addressed.join(', ')),
      ]),
      criteriaList(task.acceptance_criteria),
    ]),
  ];
}

function coverageChapter(requirements: RequirementsOutput, plan: TasksOutput): string[] {
  const { matrix, coverage_percent: percent, warnings } = traceability(requirements, plan);
  const rows = matrix.map((row) => [
    row.requirement_id,
    row.covered_by_tasks.join(', '),
    row.covered_by_tickets.join(', '),
    row.status.replaceAll('_', ' '),
  ]);
  return [
    '## Coverage',
    `${percent} % of the requirements are covered.`,
    table(['Requirement', 'Tasks', 'Tickets', 'Status'], rows),
    bullets(warnings),
  ];
}

const chapterList = (heading: string, items: readonly Note[]) =>
  items.length ? [heading, bullets(items.map(plain))] : [];
const chapterTable = (heading: string, head: string[], rows: string[][]) =>
  rows.length ? [heading, table(head, rows)] : [];
const labelled = (name: string, value: string) => (value ? `**${name}.** ${value}` : '');
const named = (name: string, value: string | number | undefined) => (value ? [`${name}: ${value}`] : []);
const bullets = (items: readonly string[]) => items.map((item) => `- ${line(item)}`).join('\n');
const quote = (words: string) =>
  words
    .split('\n')
    .map((part) => `> ${part}`.trimEnd())
    .join('\n');
const line = (words: string) => words.replace(/\s+/g, ' ').trim();

function criteriaList(criteria: readonly AcceptanceCriterion[]): string {
  return criteria
    .map(({ id, text, check }) => `- [ ] ${id} ${line(text)}${check ? ` (${line(check)})` : ''}`)
    .join('\n');
}

function table(head: string[], rows: string[][]): string {
  const row = (cells: string[]) => `| ${cells.map((cell) => line(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

/** A fence longer than any run of back-ticks inside. */
function fenced(language: string, content: string): string {
  const longest = Math.max(2, ...(content.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${content}\n${fence}`;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
