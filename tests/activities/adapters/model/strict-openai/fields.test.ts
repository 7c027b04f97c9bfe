import type * as sdk from 'openai/resources/responses/responses';
import type { z } from 'zod';
import { partSchemas, type bodySchema } from '#activities/adapters/model/strict-openai/request.ts';

type KnownKeys<T> = keyof { [K in keyof T as string extends K ? never : K]: T[K] };
type Fields<S extends z.ZodType> = KnownKeys<z.input<S>>;
/** Compiles only where both have the same names: the checker of types compares the schema with the SDK. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

const compared: {
  body: Same<Fields<typeof bodySchema>, keyof sdk.ResponseCreateParamsStreaming>;
  inputText: Same<Fields<typeof partSchemas.inputText>, keyof sdk.ResponseInputText>;
  inputImage: Same<Fields<typeof partSchemas.inputImage>, keyof sdk.ResponseInputImage>;
  functionCall: Same<Fields<typeof partSchemas.functionCall>, keyof sdk.ResponseFunctionToolCall>;
  functionOutput: Same<Fields<typeof partSchemas.functionOutput>, keyof sdk.ResponseInputItem.FunctionCallOutput>;
  reasoningItem: Same<Fields<typeof partSchemas.reasoningItem>, keyof sdk.ResponseReasoningItem>;
  functionTool: Same<Fields<typeof partSchemas.functionTool>, keyof sdk.FunctionTool>;
} = {
  body: true,
  inputText: true,
  inputImage: true,
  functionCall: true,
  functionOutput: true,
  reasoningItem: true,
  functionTool: true,
};

test('the fields of the strict provider are those of the types of the SDK', () => {
  expect(Object.keys(compared)).toEqual(['body', ...Object.keys(partSchemas)]);
});
