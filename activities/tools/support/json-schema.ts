import { z } from 'zod';

/** The part of JSON Schema that tool inputs use. */
export interface JsonSchema {
  type?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  not_asked_for?: boolean;
}

/** Metadata of a field that is accepted, but is no part of the schema that the model is given. */
export const notAskedFor = { not_asked_for: true };

/** JSON Schema as zod writes it, with two more forms of a union. */
type ZodJsonSchema = Omit<JsonSchema, 'type'> & { type?: string | string[]; oneOf?: JsonSchema[] };

/** A zod schema as JSON Schema of what goes in (before defaults and transforms), limits and examples included. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  // The two descriptions of JSON Schema differ in keywords that tool inputs do not use.
  return normalised(z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as ZodJsonSchema);
}

/** Writes all unions as anyOf, so that readers of a schema handle one form only. */
function normalised({ type, oneOf, anyOf = oneOf, items, properties, ...rest }: ZodJsonSchema): JsonSchema {
  if (Array.isArray(type)) {
    const { description, not_asked_for, ...common } = rest;
    return {
      ...(description !== undefined && { description }),
      ...(not_asked_for && { not_asked_for }),
      anyOf: type.map((one) =>
        normalised({ ...common, type: one, ...(items && { items }), ...(properties && { properties }) }),
      ),
    };
  }
  return {
    ...rest,
    ...(type !== undefined && { type }),
    ...(anyOf && { anyOf: anyOf.map(normalised) }),
    ...(items && { items: normalised(items) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, normalised(field)])),
    }),
  };
}

/** Whether a JSON value has the schema's type. Its content is not checked. */
export function isOfType(value: unknown, schema: JsonSchema): boolean {
  if (schema.anyOf) return schema.anyOf.some((option) => isOfType(value, option));
  if (schema.const !== undefined) return value === schema.const;
  if (schema.enum) return schema.enum.includes(value);
  switch (schema.type) {
    case undefined:
      return true;
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === schema.type;
  }
}

/** The type as a person writes it: `{path: string, offset?: integer}`, `"a" | "b"`, `string[]`. */
export function signature(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map(signature).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.type === 'array') return `[${signature(schema.items ?? {})}, ...]`;
  if (schema.type === 'object' && schema.properties) {
    const fields = Object.entries(schema.properties).map(
      ([name, field]) => `${name}${schema.required?.includes(name) ? '' : '?'}: ${signature(field)}`,
    );
    return `{${fields.join(', ')}}`;
  }
  return schema.type ?? 'anything';
}

/** A valid value made from the examples of the required fields. */
export function exampleOf(schema: JsonSchema): unknown {
  if (schema.examples?.length) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return exampleOf(schema.anyOf[0] ?? {});
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
          schema.required?.includes(name) ? [[name, exampleOf(field)]] : [],
        ),
      );
    case 'array':
      return [exampleOf(schema.items ?? {})];
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    default:
      return '...';
  }
}
