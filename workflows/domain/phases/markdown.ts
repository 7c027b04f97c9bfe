import { phaseIds, phases, type PhaseId, type PriorOutputs } from './index.ts';
import { line, quote } from './markdown-blocks.ts';

export interface SpecDocument {
  title: string;
  /** The user's description, verbatim. */
  description: string;
  status?: string;
  /** Percent, 0 to 100. */
  progress?: number;
  outputs: PriorOutputs;
}

/** A spec as one Markdown document. A phase without output has no chapter. */
export function specMarkdown({ title, description, status, progress, outputs }: SpecDocument): string {
  const facts = [
    ...(status ? [`- Status: ${status}`] : []),
    ...(progress === undefined ? [] : [`- Progress: ${progress} %`]),
  ];
  const parts = [
    `# ${line(title)}`,
    facts.join('\n'),
    quote(description),
    ...phaseIds.flatMap((id) => chapterOf(id, outputs)),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The chapter of one phase, its parts in order; empty without an output or a chapter. */
export function chapterOf<P extends PhaseId>(id: P, outputs: PriorOutputs): string[] {
  const output = outputs[id];
  return output ? (phases[id].chapter?.(output, outputs) ?? []) : [];
}
