import type { ScriptedConversation, MadeCall } from './conversation.ts';
import { Evidence, placeholder } from './scenario-schema.ts';
import { cutStart } from '#workflows/domain/text.ts';

/** Characters of a command's output that are used in `{{output:...}}`. */
const EXCERPT = 600;

/**
 * Fills placeholders and evidence into a value of the scenario.
 * @param groups named groups of the condition that led here.
 */
export function fillIn(
  value: unknown,
  conversation: ScriptedConversation,
  groups: Readonly<Record<string, string>> = {},
): unknown {
  if (value instanceof Evidence) return evidenceOf(value, conversation);
  if (typeof value === 'string') return fillText(value, conversation, groups);
  if (Array.isArray(value)) return value.map((item) => fillIn(item, conversation, groups));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, fillIn(field, conversation, groups)]));
}

/** Fills placeholders into a text. @param groups named groups of the condition that led here. */
export function fillText(
  text: string,
  conversation: ScriptedConversation,
  groups: Readonly<Record<string, string>> = {},
): string {
  const { title, task_ref, phase, attempt } = conversation.context;
  const known: Record<string, unknown> = { title, task_ref, phase, attempt, ...groups };
  return text.replace(placeholder, (_, name: string, label?: string) =>
    label === undefined ? String(known[name] ?? '') : excerptOf(newestCall(conversation, label)),
  );
}

/** The real evidence: the newest call with each label. */
function evidenceOf({ labels }: Evidence, conversation: ScriptedConversation): object[] {
  const [first, ...further] = labels
    .map((label) => newestCall(conversation, label))
    .filter((call) => call !== undefined);
  const criteria = conversation.context.criteria ?? [];
  if (!first) return [];
  const proven = criteria.map(({ id }) => ({ criterion_id: id, ...itemOf(first) }));
  return [...(proven.length > 0 ? proven : [itemOf(first)]), ...further.map(itemOf)];
}

/** A call by its command, or by its id where the command is longer than a line. */
function itemOf({ id, input }: MadeCall): object {
  const command = String(input.command ?? '');
  return command.includes('\n') ? { tool_use_id: id } : { command };
}

function newestCall({ turns }: ScriptedConversation, label: string): MadeCall | undefined {
  return turns.flat().findLast((call) => call.label === label);
}

/** The end of a command's output, from the start of a line. */
function excerptOf(call: MadeCall | undefined): string {
  const lines = (call?.result ?? '').trim().split('\n');
  const kept: string[] = [];
  for (let room = EXCERPT; lines.length > 0;) {
    const line = lines.pop() ?? '';
    room -= line.length + 1;
    if (room < 0 && kept.length > 0) break;
    kept.unshift(cutStart(line, EXCERPT));
  }
  return kept.join('\n');
}
