import type { PullRequestCheck, Task } from '#prisma/store/json.ts';
import { inertCode, inertText } from '#workflows/domain/inert-text.ts';
import type { AnsweredQuestion } from '#workflows/domain/phases/open-questions.ts';

/** In characters. Code hosts take more: the rest is for what people write before and after it. */
const limit = 60_000;
/** Longer lists are folded. */
const openLines = 12;

type PullTask = Pick<
  Task,
  'local_id' | 'key' | 'title' | 'status' | 'requirements' | 'base_sha' | 'head_sha' | 'discovery_id' | 'result'
>;

interface PullRequirement {
  key: string;
  title: string;
  criteria: { completed: boolean; evidence: unknown }[];
}

/** What the description of a pull request says. All text in it may come from people and agents, but for `links`. */
export interface PullFacts {
  words: string[];
  /** Whole lines of the platform, such as "Closes #1". */
  links: string[];
  /** All of the work. */
  tasks: PullTask[];
  /** Undefined: the work is not planned by requirements. */
  plan?: { requirements: PullRequirement[]; questions: AnsweredQuestion[] };
  /** Checks of the whole; undefined: none has run. */
  checks: PullRequestCheck[] | undefined;
  scripted: boolean;
  /** Address of the page that shows all of it. */
  page: string;
}

const nameOf = (task: Pick<Task, 'local_id' | 'key'>) => inertText(task.local_id ?? task.key, 40);
const commitOf = ({ head_sha: head, base_sha: base }: PullTask) => (head && head !== base ? [head.slice(0, 12)] : []);

function some(items: string[], max = 8): string {
  const others = items.length - max;
  return [...items.slice(0, max), ...(others > 0 ? [`+${others}`] : [])].join(', ') || '-';
}

/** As many lines as fit into the room, and where the others are. */
function fitted(lines: string[], room: number, page: string, head: string[] = []): string {
  const kept: string[] = [];
  // Room for the head, and for the marks of a fold and the last sentence.
  let left = room - head.join('\n').length - page.length - 300;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) break;
    kept.push(line);
  }
  const others = lines.length - kept.length;
  return [
    ...(kept.length > 0 ? [[...head, ...kept].join('\n')] : []),
    ...(others > 0 ? [`${others} more ${others === 1 ? 'line is' : 'lines are'} at ${page}`] : []),
  ].join('\n\n');
}

const folded = (text: string, lines: number, summary: string) =>
  lines > openLines ? `<details>\n<summary>${summary}</summary>\n\n${text}\n\n</details>` : text;

const tableHead = (...names: string[]) => [`| ${names.join(' | ')} |`, `|${' --- |'.repeat(names.length)}`];

function taskRow(task: PullTask): string {
  const commands = (task.result?.evidence ?? []).flatMap((proof) => (proof.command ? [proof.command] : []));
  const shown = [...new Set(commands)].map((command) => inertCode(command, 200).replaceAll('|', String.raw`\|`));
  const requirements = some(task.requirements.map((key) => inertText(key, 60)));
  return `| ${nameOf(task)} | ${inertText(task.title, 200)} | ${requirements} | ${commitOf(task).join('') || '-'} | ${some(shown, 3)} |`;
}

/** A check and what it says: a box is ticked only where it shows something. */
function checkLines({ name, sha, unverified, note }: PullRequestCheck): string[] {
  const at = `a clean checkout of ${sha.slice(0, 12)}`;
  const says = unverified ? `proves nothing in ${at}` : note ? `has no new failure in ${at}` : `passes in ${at}`;
  const notes = (note ?? '').split('\n').filter(Boolean);
  return [
    `- [${unverified ? ' ' : 'x'}] ${inertCode(name, 500)} ${says}`,
    ...notes.map((line) => `  - ${inertText(line, 1000)}`),
  ];
}

function checkPart({ checks, scripted, page }: PullFacts, room: number): string {
  const lines = checks ? checks.flatMap(checkLines) : ['- [ ] No check of the whole has passed yet.'];
  const rehearsed =
    '> This was a rehearsal: the model is scripted, its text does not come from a language model. Commands, tests and merges were real.';
  return [
    fitted(lines.length > 0 ? lines : ['- No check of the project was found.'], room, page),
    ...(scripted ? [rehearsed] : []),
  ].join('\n\n');
}

/** The tasks whose work is missing, with their status. */
function missingPart({ tasks, page }: PullFacts, room: number): string {
  const open = tasks.filter(({ status }) => status !== 'completed' && status !== 'cancelled');
  const lines = open.map((task) => `- ${nameOf(task)}: ${inertText(task.title, 200)} (${task.status})`);
  return folded(fitted(lines, room, page), lines.length, `${lines.length} tasks`);
}

/** The questions that the plan left open, with the answer of a person or the assumption that the work is built on. */
function questionPart({ plan, page }: PullFacts, room: number): string {
  const lines = (plan?.questions ?? []).map(({ question, assumption, answer }) => {
    const holds = answer
      ? `Answered by ${inertText(answer.by, 100)}: ${inertText(answer.answer, 500)}`
      : `Assumed, since nobody answered: ${inertText(assumption, 500) || 'nothing was stated'}`;
    return `- ${inertText(question, 500)}\n  ${holds}`;
  });
  return folded(fitted(lines, room, page), lines.length, `${lines.length} questions`);
}

/** For each requirement the tasks that serve it, their commits, and how much of it is met. */
function requirementPart({ plan, tasks, page }: PullFacts, room: number): string {
  const rows = (plan?.requirements ?? []).map(({ key, title, criteria }) => {
    const serving = tasks.filter((task) => task.requirements.includes(key));
    const done = serving.filter(({ status }) => status === 'completed');
    const met = criteria.filter(({ completed }) => completed);
    const notes = [
      ...(met.some(({ evidence }) => (evidence as { reviewed?: boolean } | null)?.reviewed === false)
        ? ['not reviewed']
        : []),
      ...serving.filter(({ status }) => status === 'cancelled').map((task) => `${nameOf(task)} was cancelled`),
    ];
    const count = `${met.length}/${criteria.length}`;
    const name = inertText(key, 60);
    return {
      ...{ met: met.length, of: criteria.length, open: `${name} (${count})` },
      row: `| ${name} | ${inertText(title, 200)} | ${some(done.map(nameOf))} | ${some(done.flatMap(commitOf))} | ${some([count, ...notes], 4)} |`,
    };
  });
  const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);
  const open = rows.filter(({ met, of }) => met < of);
  const table = fitted(
    rows.map(({ row }) => row),
    room - 2500,
    page,
    tableHead('requirement', 'what', 'tasks', 'commits', 'criteria met'),
  );
  if (rows.length <= openLines) return table;
  const met = `${sum(rows.map((row) => row.met))} of ${sum(rows.map((row) => row.of))} criteria are met.`;
  const left =
    open.length > 0
      ? ` Not met: ${some(
          open.map((row) => row.open),
          10,
        )}.`
      : '';
  return `${met}${left}\n\n${folded(table, rows.length, `${rows.length} requirements`)}`;
}

function foundPart({ tasks, page }: PullFacts, room: number): string {
  const found = tasks.filter(({ status, discovery_id: id }) => status === 'completed' && id !== null);
  const lines = found.map((task) => `- ${inertText(task.key, 40)}: ${inertText(task.title, 200)}`);
  return folded(fitted(lines, room, page), lines.length, `${lines.length} tasks`);
}

function workPart({ tasks, page }: PullFacts, room: number): string {
  const done = tasks.filter(({ status }) => status === 'completed');
  const head = tableHead('task', 'what', 'requirements', 'commit', 'shown by');
  return folded(fitted(done.map(taskRow), room, page, head), done.length, `${done.length} tasks`);
}

/** Each part with its most characters; the last takes what the others leave. */
const parts: [string, (facts: PullFacts, room: number) => string, number][] = [
  ['Not complete yet', missingPart, 6000],
  ['Checks', checkPart, 10_000],
  ['Open questions', questionPart, 6000],
  ['Requirements', requirementPart, 18_000],
  ['Found on the way', foundPart, 3000],
  ['Work', workPart, limit],
];

/**
 * The description of a pull request: first what a reviewer needs to know before they read the code, long lists folded. It
 * is never longer than a code host takes, and no text of people or agents in it acts: it names nobody, closes nothing.
 */
export function pullRequestText(facts: PullFacts): string {
  const words = facts.words.map((text) => inertText(text, 1500)).filter(Boolean);
  const paragraphs = words.map((line, i) => (i > 0 ? `\n${line}` : line));
  let text = [...facts.links, fitted(paragraphs, 8000, facts.page)].filter(Boolean).join('\n\n');
  for (const [title, part, most] of parts) {
    const head = `\n\n## ${title}\n\n`;
    const lines = part(facts, Math.min(most, limit - text.length - head.length));
    if (lines) text += head + lines;
  }
  return text.trimStart();
}
