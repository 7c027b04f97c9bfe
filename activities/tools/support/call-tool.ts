import type { z } from 'zod';
import { coerce, parseJson } from './coerce.ts';
import { renamed } from './field-names.ts';
import { exampleOf, isOfType, type JsonSchema, jsonSchemaOf, signature } from './json-schema.ts';
import { similarNames } from './similar-names.ts';
import { storableValue, textFlaw } from '#workflows/domain/text.ts';
import type { RunMode } from '#workflows/domain/agent/run.ts';
import type { Tool, ToolContext, ToolErrorKind, ToolResult } from './tool.ts';
import { counted, quoted } from './wording.ts';

/**
 * Runs the tool that the model called. An unknown name, a mode that may not call it and bad input are results
 * that say what to do, never exceptions; a lost sandbox is an exception, for the platform.
 */
export async function callTool<C extends ToolContext>(
  tools: readonly Tool<z.ZodType, C>[],
  name: string,
  raw: unknown,
  context: C,
): Promise<ToolResult> {
  const tool = tools.find((known) => known.name === name);
  if (!tool) return unknownTool(name, tools);
  const refusal = forbiddenCall(tool, context.run.mode);
  if (refusal) return refusal;
  const parsed = parseToolInput(tool, raw);
  if (!parsed.ok) return parsed.result;
  // A record is cleaned, since a replaced character changes neither a file nor a command.
  if (['record', 'wait', 'explore', 'foreign'].includes(tool.effect))
    return tool.run(storableValue(parsed.input), context);
  return unusableText(tool.name, parsed.input) ?? tool.run(parsed.input, context);
}

/** The refusal of text that neither a file nor a command line should get; undefined when there is none. */
function unusableText(name: string, input: unknown): ToolResult | undefined {
  const flaw = textFlaw(input);
  if (!flaw) return undefined;
  const remedy =
    flaw.problem === 'a NUL character'
      ? 'If source text should name it, write the escape of the language, such as \\0 or \\x00; a file with a real NUL is made with bash: printf.'
      : 'Send whole characters, or write the escape of the language.';
  return failed(
    'failed',
    `${name} was not run: ${flaw.path.join('.') || 'its input'} holds ${flaw.problem}. ${remedy} Then call ${name} again.`,
  );
}

export type ParsedInput<S extends z.ZodType> = { ok: true; input: z.output<S> } | { ok: false; result: ToolResult };

/**
 * Corrects small mistakes in the model's input, then validates it.
 * @param raw the input as received: a JSON value, or text that could not be parsed.
 */
export function parseToolInput<S extends z.ZodType>(
  tool: Pick<Tool<S>, 'name' | 'schema'>,
  raw: unknown,
): ParsedInput<S> {
  const schema = jsonSchemaOf(tool.schema);
  const value = coerce(renamed(typeof raw === 'string' ? (parseJson(raw.trim()) ?? raw) : raw, schema), schema);
  if (!isOfType(value, schema))
    return refused(tool.name, schema, [
      `the input came as ${kindOf(value)} ${quoted(value, 200)}; expected one JSON object.`,
    ]);
  const checked = tool.schema.safeParse(value);
  if (checked.success) return { ok: true, input: checked.data };
  return refused(
    tool.name,
    schema,
    checked.error.issues.flatMap((issue) => problems(issue, value, schema)),
  );
}

export function unknownTool(name: string, tools: readonly Pick<Tool, 'name'>[]): ToolResult {
  const names = tools.map((tool) => tool.name);
  const near = similarNames(name, names, 1)[0];
  return failed(
    'unknown_tool',
    `There is no tool ${quoted(name)}.${near ? ` Did you mean ${near}?` : ''} Call one of: ${names.join(', ')}.`,
  );
}

/** The refusal of a call that the mode does not allow; undefined when it does. */
function forbiddenCall(tool: Pick<Tool, 'name' | 'forbidden'>, mode: RunMode): ToolResult | undefined {
  const reason = tool.forbidden?.(mode);
  return reason === undefined
    ? undefined
    : failed('forbidden', `${tool.name} is not allowed in ${mode} mode. ${reason}`);
}

function failed(kind: ToolErrorKind, text: string): ToolResult {
  return { text, is_error: true, error_kind: kind };
}

function refused(name: string, schema: JsonSchema, found: string[]): { ok: false; result: ToolResult } {
  const text = [
    `${name} was not run: ${counted(found.length, 'problem')} in its input.`,
    ...found.map((problem) => `- ${problem}`),
    `It takes ${signature(schema)}`,
    `Example: ${JSON.stringify(exampleOf(schema))}`,
    `Call ${name} again with the input corrected.`,
  ].join('\n');
  return { ok: false, result: failed('bad_input', text) };
}

function problems(issue: z.core.$ZodIssue, input: unknown, schema: JsonSchema): string[] {
  const at = issue.path.map(String);
  const field = at.join('.') || 'input';
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schemaAt(schema, at).properties ?? {});
    return issue.keys.map((key) => {
      const near = similarNames(key, known, 1)[0];
      return `${[...at, key].join('.')}: there is no such field.${near ? ` Did you mean ${near}?` : ''}`;
    });
  }
  const came = at.reduce<unknown>(
    (value, step) => (value as Record<string, unknown> | null | undefined)?.[step],
    input,
  );
  const isOfWrongType = ['invalid_type', 'invalid_union', 'invalid_value'].includes(issue.code);
  const expected = isOfWrongType ? signature(schemaAt(schema, at)) : issue.message.replace(/^.*: expected /, '');
  return [
    came === undefined
      ? `${field}: missing; expected ${expected}.`
      : `${field}: came ${kindOf(came)} ${quoted(came)}; expected ${expected}.`,
  ];
}

function schemaAt(schema: JsonSchema, path: readonly string[]): JsonSchema {
  return path.reduce<JsonSchema>(
    (at, step) =>
      at.properties?.[step] ?? at.items ?? at.anyOf?.find((option) => option.properties?.[step] ?? option.items) ?? {},
    schema,
  );
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing:';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
