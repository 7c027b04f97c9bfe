import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';
import type { Tool } from './tool.ts';

/**
 * A tool's `input_schema` for the Messages API in its strict mode: every object closed, limits that the mode
 * has no keyword for moved to the description, no $schema. The same tool always gives the same bytes: keywords are in
 * a fixed order, fields in declared order, which the model follows (old_text before new_text). Of several accepted
 * shapes the first is asked for: the others are tolerated, and a schema is part of every request.
 */
export function toolSchema(tool: Pick<Tool, 'schema'>): JsonSchema {
  return strict(jsonSchemaOf(tool.schema));
}

function strict(schema: JsonSchema): JsonSchema {
  const [first] = schema.anyOf ?? [];
  if (first) return strict({ ...first, description: schema.description ?? first.description });
  const description = [schema.description, limits(schema)].filter(Boolean).join(' ');
  return {
    ...(schema.type !== undefined && { type: schema.type }),
    ...(description && { description }),
    ...(schema.const !== undefined && { const: schema.const }),
    ...(schema.enum && { enum: schema.enum }),
    ...(schema.items && { items: strict(schema.items) }),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).flatMap(([name, field]) =>
          field.not_asked_for ? [] : [[name, strict(field)]],
        ),
      ),
      required: schema.required ?? [],
    }),
    ...(schema.type === 'object' && { additionalProperties: false }),
  };
}

/** zod adds the range of safe integers to every integer. It has no use for the model, so it is removed. */
const meant = (n: number | undefined): n is number => n !== undefined && Math.abs(n) < Number.MAX_SAFE_INTEGER;

/** Long texts are refused with their limit: no sensible value comes near it. */
const longText = 1000;

function limits(schema: JsonSchema): string {
  const said = [
    meant(schema.minimum) && `at least ${schema.minimum}`,
    meant(schema.maximum) && `at most ${schema.maximum}`,
    schema.minLength && schema.minLength > 1 && `${schema.minLength} characters or more`,
    schema.maxLength && schema.maxLength <= longText && `${schema.maxLength} characters at most`,
    schema.minItems && schema.minItems > 1 && `${schema.minItems} items or more`,
    schema.maxItems && `${schema.maxItems} items at most`,
  ].filter(Boolean);
  return said.length > 0 ? `(${said.join(', ')})` : '';
}
