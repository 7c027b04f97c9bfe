import { contextBlock, type ContextFields } from './context-block.ts';
import { cutStart } from '../text.ts';
import { asData, asOrder, oneLine } from './untrusted.ts';

export interface Criterion {
  id: string;
  text: string;
  check?: string;
}

export interface Opening {
  context: ContextFields;
  goal: string;
  criteria: Criterion[];
  constraints: string[];
  /** Instruction files of the base commit, root first. */
  instructions: { path: string; text: string }[];
  /** `notes`: what the workspace lacks or does not keep. `environment`: what is known about the place of work. */
  baseline: { map: string; commands: string[]; notes?: string[]; environment?: string };
  /** Further sections: title and text, in order. */
  sections: { title: string; text: string }[];
}

/** The first message of a session. Code makes it once; it is stored and never changed. */
export function openingMessage(opening: Opening): string {
  const { criteria, constraints, instructions, baseline } = opening;
  const parts = [contextBlock({ ...opening.context, criteria, constraints }), `# Goal\n${opening.goal}`];
  if (criteria.length > 0)
    parts.push(
      `# Criteria\n${asOrder('criteria', criteria.map((c) => `- ${c.id}: ${oneLine(c.text)}${c.check ? ` (check: ${oneLine(c.check)})` : ''}`).join('\n'))}`,
    );
  if (constraints.length > 0) parts.push(`# Constraints\n${constraints.map((c) => `- ${oneLine(c)}`).join('\n')}`);
  parts.push(...opening.sections.map(({ title, text }) => `# ${title}\n${text}`));
  if (instructions.length > 0) {
    parts.push(
      `# The project's own instructions\nThey rank above your habits and below the task, its limits and its gates; a file further down the tree ranks above one further up.\n${instructions.map((file) => asOrder('project_instructions', file.text, file.path)).join('\n')}`,
    );
  }
  const commands = baseline.commands.length > 0 ? `Commands found: ${baseline.commands.join(' · ')}\n` : '';
  const notes = (baseline.notes ?? []).map((note) => `${note}\n`).join('');
  const environment = baseline.environment ? `${baseline.environment}\n` : '';
  parts.push(`# Starting point\n${environment}${commands}${notes}${asData('map of the repository', baseline.map)}`);
  return parts.join('\n\n');
}

/** The part of an instruction file that is sent, or a note to the agent in place of a file that is not text. */
export const instructionText = (text: string | undefined, length: number): string =>
  text === undefined
    ? '(OmoiOS left this file out: it is not text. If its instructions matter, ask for it to be saved as UTF-8.)'
    : cutStart(text, length);

/**
 * The instruction file of a subfolder, given when the agent first reads there.
 * @param text '' returns the heading alone, by which a conversation that already contains it is recognised.
 */
export function folderInstructions(path: string, text: string): string {
  const head = `[OmoiOS] The project's instructions in ${path}, for the files in that folder. They rank above the instructions further up, and below the task, its limits and its gates.`;
  return text === '' ? head : `${head}\n${asOrder('project_instructions', text, path)}`;
}

/**
 * The message that starts a further attempt or iteration in the same conversation: a fresh context block, and the
 * faults to fix.
 */
export function reopeningMessage(context: ContextFields, text: string): string {
  return `${contextBlock(context)}\n\n${text}`;
}
