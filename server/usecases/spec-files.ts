import { stringify } from 'yaml';
import { chapterOf } from '#workflows/domain/phases/markdown.ts';
import { criteriaList, line, quote } from '#workflows/domain/phases/markdown-blocks.ts';
import type { PriorOutputs } from '#workflows/domain/phases/index.ts';

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

/** A file whose front matter holds the data, and whose text is for people. */
const file = (path: string, data: object, ...text: string[]): SpecFile => ({
  path,
  content: `---\n${stringify(data)}---\n\n${text.filter(Boolean).join('\n\n')}\n`,
});

/** A spec as Markdown files (PLAN-21): a summary, and a file for each document, requirement, ticket and task. */
export function specFiles({ id, title, description, status, progress, version, outputs }: FiledSpec): SpecFile[] {
  const { explore, prd, requirements, design, tasks } = outputs;
  const summary = {
    ...{ id, title, status, progress, version },
    requirements: requirements?.requirements.length ?? 0,
    tickets: tasks?.tickets.length ?? 0,
    tasks: tasks?.tasks.length ?? 0,
  };
  const heading = (key: string, name: string) => `# ${key} ${line(name)}`;
  return [
    file('SPEC_SUMMARY.md', summary, `# ${line(title)}`, quote(description)),
    ...(explore ? [file('explore/explore.md', explore, ...chapterOf('explore', outputs))] : []),
    ...(prd ? [file('prd/prd.md', prd, ...chapterOf('prd', outputs))] : []),
    ...(requirements?.requirements ?? []).map((item) =>
      file(
        `requirements/${nameOf(item.id)}.md`,
        item,
        heading(item.id, item.title),
        item.text,
        criteriaList(item.acceptance_criteria),
      ),
    ),
    ...(design ? [file('designs/design.md', design, ...chapterOf('design', outputs))] : []),
    ...(tasks?.tickets ?? []).map((item) =>
      file(
        `tickets/${nameOf(item.id)}.md`,
        item,
        heading(item.id, item.title),
        item.description,
        criteriaList(item.acceptance_criteria),
      ),
    ),
    ...(tasks?.tasks ?? []).map((item) =>
      file(
        `tasks/${nameOf(item.id)}.md`,
        item,
        heading(item.id, item.title),
        item.description,
        criteriaList(item.acceptance_criteria),
      ),
    ),
  ];
}
