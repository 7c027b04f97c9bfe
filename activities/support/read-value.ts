import { z } from 'zod';
import type { ModelResponse } from '../ports/model.ts';

/** The value of an answer, or what is wrong with it. */
export type ReadValue<T> = { ok: true; value: T } | { ok: false; problem: string };

/**
 * Reads the value of an answer: the input of the tool's call, else the JSON in its text. A model may answer in text
 * although it was asked for a call.
 */
export function readValue<S extends z.ZodType>(
  { content }: Pick<ModelResponse, 'content'>,
  tool: string,
  schema: S,
): ReadValue<z.output<S>> {
  const call = content.find((block) => block.type === 'tool_use' && block.name === tool);
  const given = call
    ? [call.input]
    : content.flatMap((block) => (block.type === 'text' ? jsonIn(String(block.text)) : []));
  const parsed = given.map((input) => schema.safeParse(input));
  const good = parsed.find((result) => result.success);
  if (good) return { ok: true, value: good.data };
  const bad = parsed.find((result) => !result.success);
  return { ok: false, problem: bad ? z.prettifyError(bad.error as z.ZodError) : `no call of ${tool}` };
}

/** The JSON objects of a text: the whole text, a fenced block, or the part between the outer braces. */
function jsonIn(text: string): unknown[] {
  const fenced = [...text.matchAll(/```(?:json)?\s*\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  const outer = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  return [text, ...fenced, outer].flatMap((part) => {
    try {
      const value: unknown = JSON.parse(part);
      return typeof value === 'object' && value !== null ? [value] : [];
    } catch {
      return [];
    }
  });
}
