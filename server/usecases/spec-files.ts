import { parse, stringify } from 'yaml';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '#workflows/domain/errors.ts';
import { chapterOf } from '#workflows/domain/phases/markdown.ts';
import type { AcceptanceCriterion } from '#workflows/domain/phases/fields.ts';
import { criteriaList, line, quote } from '#workflows/domain/phases/markdown-blocks.ts';
import type { PhaseId, PriorOutputs } from '#workflows/domain/phases/index.ts';
import { specItem, specSummary } from '../contracts/spec-files.ts';

export interface SpecFile {
  /** Relative, with `/` between its parts. */
  path: string;
  content: string;
}

interface FiledSpec {
  id: string;
  title: string;
  description: string;
  status: string;
  /** Percent, 0 to 100. */
  progress: number;
  version: number;
  outputs: PriorOutputs;
}

/** An id of a model as the name of a file: it cannot lead out of its folder. */
const nameOf = (id: string) => id.replace(/[^\w.-]+/g, '-').replace(/^\.+/, '') || 'unnamed';

/** Names of files for items, each once: two ids that look alike as names are told apart by a number. */
function named<T extends { id: string }>(folder: string, items: readonly T[]): { path: string; item: T }[] {
  const taken = new Set<string>();
  return items.map((item) => {
    const name = nameOf(item.id);
    let path = name;
    // Names are compared without case: some disks know no other.
    for (let n = 2; taken.has(path.toLowerCase()); n += 1) path = `${name}-${n}`;
    taken.add(path.toLowerCase());
    return { path: `${folder}/${path}.md`, item };
  });
}

/** Some texts of spaces and line breaks alone do not survive the style that people read best. */
function yaml(data: object): string {
  const text = stringify(data);
  return isDeepStrictEqual(parse(text), data) ? text : stringify(data, { defaultStringType: 'QUOTE_DOUBLE' });
}

/** A file whose front matter holds the data, and whose text is for people. */
const file = (path: string, data: object, ...text: string[]): SpecFile => ({
  path,
  content: `---\n${yaml(data)}---\n\n${text.filter(Boolean).join('\n\n')}\n`,
});

/** A spec as Markdown files (PLAN-21): a summary, and a file for each document, requirement, ticket and task. */
export function specFiles({ id, title, description, status, progress, version, outputs }: FiledSpec): SpecFile[] {
  const { explore, prd, requirements, design, tasks, sync } = outputs;
  // What belongs to a phase as a whole, and the order of its items. The import reads them.
  const plan = {
    ...(requirements && {
      requirements: { ...requirements, requirements: requirements.requirements.map((item) => item.id) },
    }),
    ...(tasks && {
      tasks: {
        ...tasks,
        tickets: tasks.tickets.map((item) => item.id),
        tasks: tasks.tasks.map((item) => item.id),
      },
    }),
    ...(sync && { sync }),
  };
  const summary = {
    ...{ id, title, description, status, progress, version },
    requirements: requirements?.requirements.length ?? 0,
    tickets: tasks?.tickets.length ?? 0,
    tasks: tasks?.tasks.length ?? 0,
    plan,
  };
  const heading = (key: string, name: string) => `# ${key} ${line(name)}`;
  return [
    file('SPEC_SUMMARY.md', summary, `# ${line(title)}`, quote(description)),
    ...(explore ? [file('explore/explore.md', explore, ...chapterOf('explore', outputs))] : []),
    ...(prd ? [file('prd/prd.md', prd, ...chapterOf('prd', outputs))] : []),
    ...named('requirements', requirements?.requirements ?? []).map(({ path, item }) =>
      file(path, item, heading(item.id, item.title), item.text, criteriaList(item.acceptance_criteria)),
    ),
    ...(design ? [file('designs/design.md', design, ...chapterOf('design', outputs))] : []),
    ...(['tickets', 'tasks'] as const).flatMap((kind) =>
      named<{ id: string; title: string; description: string; acceptance_criteria: AcceptanceCriterion[] }>(
        kind,
        tasks?.[kind] ?? [],
      ).map(({ path, item }) =>
        file(path, item, heading(item.id, item.title), item.description, criteriaList(item.acceptance_criteria)),
      ),
    ),
  ];
}

const frontMatter = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/;
/** A spec as its files say it. The outputs of its phases are not checked yet. */
export interface ReadSpec {
  title: string;
  description: string;
  phases: Partial<Record<PhaseId, unknown>>;
}

/**
 * Reads what `specFiles` has written, from the front matter alone. Items come in the order of the summary; a file that
 * it does not name comes last, and an item whose file is gone is left out.
 * @throws invalid_body with the file that cannot be read.
 */
export function readSpecFiles(files: readonly SpecFile[]): ReadSpec {
  const read = new Map(files.map(({ path, content }) => [path.replace(/^\.?\/+/, ''), dataOf(path, content)]));
  const found = read.get('SPEC_SUMMARY.md');
  if (!found) throw unreadable('SPEC_SUMMARY.md', 'is missing. It names the spec and the order of its parts');
  const summary = specSummary.safeParse(found);
  if (!summary.success)
    throw unreadable(
      'SPEC_SUMMARY.md',
      summary.error.issues.map(({ path, message: what }) => `${path.join('.')}: ${what}`).join('; '),
    );
  const { title, description, plan } = summary.data;
  const within = (folder: string, order: readonly string[]) => {
    const all = [...read]
      .filter(([path]) => path.startsWith(`${folder}/`))
      .map(([path, data]) => {
        const item = specItem.safeParse(data);
        if (!item.success) throw unreadable(path, 'has no id');
        return item.data;
      });
    const place = (id: string) => (order.includes(id) ? order.indexOf(id) : order.length);
    return all.sort((a, b) => place(a.id) - place(b.id));
  };
  const { requirements, tasks, sync } = plan;
  const document = (phase: string, path: string) => (read.has(path) ? { [phase]: read.get(path) } : {});
  return {
    title,
    description,
    phases: {
      ...document('explore', 'explore/explore.md'),
      ...document('prd', 'prd/prd.md'),
      ...(requirements && {
        requirements: { ...requirements, requirements: within('requirements', requirements.requirements) },
      }),
      ...document('design', 'designs/design.md'),
      ...(tasks && {
        tasks: { ...tasks, tickets: within('tickets', tasks.tickets), tasks: within('tasks', tasks.tasks) },
      }),
      ...(sync && { sync }),
    },
  };
}

function dataOf(path: string, content: string): unknown {
  const front = frontMatter.exec(content)?.[1];
  if (front === undefined) throw unreadable(path, 'does not begin with front matter between two lines of ---');
  try {
    return parse(front, { maxAliasCount: 0 }) as unknown;
  } catch (error) {
    throw unreadable(path, error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'cannot be read');
  }
}

const unreadable = (path: string, message: string) =>
  new AppError('invalid_body', `files: ${path} ${message}.`, [{ field: 'files', message: `${path} ${message}` }]);
