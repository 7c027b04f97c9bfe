import type { z } from 'zod';
import type { toolCallSchema, turnSchema } from '#server/contracts/runs.ts';

export type ToolCall = z.output<typeof toolCallSchema>;
export type Turn = z.output<typeof turnSchema>;

/** A field of a tool call's input. A model wrote the input, so a field of the wrong type gives the fallback. */
export function text(call: ToolCall, name: string): string {
  const value = fieldsOf(call)[name];
  return typeof value === 'string' ? value : '';
}
export const flag = (call: ToolCall, name: string) => fieldsOf(call)[name] === true;
export function list(call: ToolCall, name: string): unknown[] {
  const value = fieldsOf(call)[name];
  return Array.isArray(value) ? (value as unknown[]) : [];
}
const fieldsOf = (call: ToolCall) =>
  typeof call.input === 'object' && call.input !== null ? (call.input as Record<string, unknown>) : {};

/**
 * Splits a command's result into its first line (exit code, time, folder), which the card's head shows, and its output.
 */
export function commandOutput(result: string): { cwd: string | null; output: string } {
  const [first = '', ...rest] = result.split('\n');
  const facts = /^exit -?\d+ · .* · cwd (.+)$/.exec(first) ?? /^still running/.exec(first);
  return facts ? { cwd: facts[1] ?? null, output: rest.join('\n') } : { cwd: null, output: result };
}

interface Block {
  type: string;
  text?: string;
  thinking?: string;
}
const blocks = (content: unknown[]) => content as Block[];

/** The model's text blocks in a turn. */
export const textsIn = (turn: Turn) =>
  blocks(turn.content).flatMap((block) => (block.type === 'text' && block.text?.trim() ? [block.text] : []));
export const thinkingIn = (turn: Turn) =>
  blocks(turn.content).flatMap((block) =>
    block.type === 'thinking' && block.thinking?.trim() ? [block.thinking] : [],
  );

/**
 * The text that the platform added to a turn's input, without tool results and messages, which have their own cards.
 */
export function notesIn(turn: Turn, messages: { content: string }[]): string[] {
  return blocks(turn.received).flatMap((block) =>
    block.type === 'text' && block.text && !messages.some((message) => block.text?.includes(message.content))
      ? [block.text]
      : [],
  );
}

/** Whether all of the turn is stored. Until then it is read again. */
export const settled = (turn: Turn) => turn.tool_calls.every((call) => call.status === 'done');
