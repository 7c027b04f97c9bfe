import type * as sdk from '@anthropic-ai/sdk/resources/messages';
import type { z } from 'zod';
import { partSchemas, type betaFields, type bodySchema } from '#activities/adapters/model/strict/request.ts';

type KnownKeys<T> = keyof { [K in keyof T as string extends K ? never : K]: T[K] };
type Fields<S extends z.ZodType> = KnownKeys<z.input<S>>;
/** Compiles only where both have the same names: the checker of types compares the schema with the SDK. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

const compared: {
  body: Same<Exclude<Fields<typeof bodySchema>, keyof typeof betaFields>, keyof sdk.MessageCreateParamsStreaming>;
  text: Same<Fields<typeof partSchemas.text>, keyof sdk.TextBlockParam>;
  image: Same<Fields<typeof partSchemas.image>, keyof sdk.ImageBlockParam>;
  document: Same<Fields<typeof partSchemas.document>, keyof sdk.DocumentBlockParam>;
  thinking: Same<Fields<typeof partSchemas.thinking>, keyof sdk.ThinkingBlockParam>;
  redacted: Same<Fields<typeof partSchemas.redacted>, keyof sdk.RedactedThinkingBlockParam>;
  toolUse: Same<Fields<typeof partSchemas.toolUse>, keyof sdk.ToolUseBlockParam>;
  toolResult: Same<Fields<typeof partSchemas.toolResult>, keyof sdk.ToolResultBlockParam>;
  tool: Same<Fields<typeof partSchemas.tool>, keyof sdk.Tool>;
} = {
  body: true,
  text: true,
  image: true,
  document: true,
  thinking: true,
  redacted: true,
  toolUse: true,
  toolResult: true,
  tool: true,
};

test('the fields of the strict provider are those of the types of the SDK', () => {
  expect(Object.keys(compared)).toEqual(['body', ...Object.keys(partSchemas)]);
});
