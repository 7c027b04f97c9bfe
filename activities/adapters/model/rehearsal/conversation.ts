import { readContextBlock, type RunContext } from '#workflows/domain/agent/context-block.ts';
import { blocksOf, textsOf, type Block, type Message } from './request.ts';

/** A tool call that the script made in this attempt. */
export interface MadeCall {
  /** Index of the step in its session. */
  step: number;
  label: string;
  id: string;
  tool: string;
  input: Record<string, unknown>;
  result: string;
}

export interface ScriptedConversation {
  /** The newest context block, with the attempt's criteria when it has none of its own. */
  context: RunContext;
  /** All texts of the platform, oldest first. */
  texts: string[];
  /** Texts of the platform since the last answer, without context blocks. */
  news: string[];
  /** The calls of the script in this attempt, by turn. An iteration belongs to the same attempt. */
  turns: MadeCall[][];
}

/** The state of a conversation, read from its messages alone; undefined without a context block. */
export function readConversation(messages: readonly Message[]): ScriptedConversation | undefined {
  const texts = messages.map((message) => (message.role === 'assistant' ? [] : textsOf(blocksOf(message))));
  const opened = texts.flatMap((said, at) => said.flatMap((text) => openingAt(text, at)));
  const newest = opened.at(-1);
  if (!newest) return undefined;
  const attempt = opened.filter(({ context }) => isSameAttempt(context, newest.context));
  const criteria = attempt.findLast(({ context }) => context.criteria)?.context.criteria ?? null;

  const results = resultsOf(messages);
  const answers = messages.slice(attempt[0]?.at).filter((message) => message.role === 'assistant');
  const lastAnswer = messages.findLastIndex((message) => message.role === 'assistant');
  return {
    context: { ...newest.context, criteria },
    texts: texts.flat(),
    news: texts
      .slice(lastAnswer + 1)
      .flat()
      .filter((text) => !readContextBlock([text])),
    turns: answers
      .map((message) => blocksOf(message).flatMap((block) => madeCall(block, results)))
      .filter((calls) => calls.length > 0),
  };
}

/**
 * The id of a tool call contains the step that made it, so that the position in the script survives a restart of the
 * server.
 */
export function callId(digest: string, step: number, label: string): string {
  return `toolu_${digest}_${step}_${label}`;
}

function openingAt(text: string, at: number): { context: RunContext; at: number }[] {
  const context = readContextBlock([text]);
  return context ? [{ context, at }] : [];
}

function isSameAttempt(a: RunContext, b: RunContext): boolean {
  return (
    a.kind === b.kind &&
    a.phase === b.phase &&
    a.attempt === b.attempt &&
    a.task_id === b.task_id &&
    a.task_ref === b.task_ref
  );
}

function resultsOf(messages: readonly Message[]): Map<string, string> {
  const results = messages.flatMap((message) => blocksOf(message).filter((block) => block.type === 'tool_result'));
  return new Map(results.map((block) => [String(block.tool_use_id), textOfResult(block)]));
}

function textOfResult({ content }: Block): string {
  return Array.isArray(content) ? textsOf(content as Block[]).join('\n') : typeof content === 'string' ? content : '';
}

function madeCall(block: Block, results: ReadonlyMap<string, string>): MadeCall[] {
  const id = String(block.id);
  const [, step, label] = block.type === 'tool_use' ? (/^toolu_[0-9a-f]+_(\d+)_(.+)$/.exec(id) ?? []) : [];
  if (!step || !label) return [];
  return [
    {
      step: Number(step),
      label,
      id,
      tool: String(block.name),
      input: (block.input ?? {}) as Record<string, unknown>,
      result: results.get(id) ?? '',
    },
  ];
}
