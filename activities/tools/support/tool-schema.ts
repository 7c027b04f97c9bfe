import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';
import type { Tool } from './tool.ts';

/**
 * A tool's `input_schema` for the Messages API in its strict mode: every object closed, limits that the mode
 * has no keyword for moved to the description, no $schema. The same tool always gives the same bytes: keywords are in
 * a fixed order, fields in declared order, which the model follows (old_text before new_text).
 */
export function toolSchema(tool: Pick<Tool, 'schema'>): JsonSchema {
  return strict(jsonSchemaOf(tool.schema));
}

function strict(schema: JsonSchema): JsonSchema {
  const description = [schema.description, limits(schema)].filter(Boolean).join(' ');
  return {
    ...(schema.type !== undefined && { type: schema.type }),
    ...(description && { description }),
    ...(schema.const !== undefined && { const: schema.const }),
    ...(schema.enum && { enum: schema.enum }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map(strict) }),
    ...(schema.items && { items: strict(schema.items) }),
    ...(schema.properties && {
      properties: Object.fromEntries(Object.entries(schema.properties).map(([name, field]) => [name, strict(field)])),
      required: schema.required ?? [],
    }),
    ...(schema.type === 'object' && { additionalProperties: false }),
  };
}

/** zod adds the range of safe integers to every integer. It has no use for the model, so it is removed. */
const meant = (n: number | undefined): n is number => n !== undefined && Math.abs(n) < Number.MAX_SAFE_INTEGER;

function limits(schema: JsonSchema): string {
  const said = [
    meant(schema.minimum) && `at least ${schema.minimum}`,
    meant(schema.maximum) && `at most ${schema.maximum}`,
    schema.minLength && (schema.minLength === 1 ? 'not empty' : `${schema.minLength} characters or more`),
    schema.maxLength && `${schema.maxLength} characters at most`,
    schema.minItems && `${schema.minItems} items or more`,
    schema.maxItems && `${schema.maxItems} items at most`,
  ].filter(Boolean);
  return said.length > 0 ? `(${said.join(', ')})` : '';
}
