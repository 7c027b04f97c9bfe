import type { Tool } from './request.ts';
import { firstOf, type Rule } from './refusal.ts';

type Schema = Record<string, unknown>;

const limitWords = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
];
const formats = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'];

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isUnion = (schema: Schema) => Array.isArray(schema.anyOf) || Array.isArray(schema.type);

/** A schema and all schemas in it. */
function* schemasIn(schema: unknown): Generator<Schema> {
  if (Array.isArray(schema)) for (const one of schema) yield* schemasIn(one);
  if (!isSchema(schema)) return;
  yield schema;
  const { properties, definitions, $defs, items, anyOf, allOf, oneOf, additionalProperties } = schema;
  for (const named of [properties, definitions, $defs])
    if (isSchema(named)) for (const one of Object.values(named)) yield* schemasIn(one);
  for (const one of [items, anyOf, allOf, oneOf, additionalProperties]) yield* schemasIn(one);
}

/** A local definition that leads to itself is a recursion. */
function isRecursive(root: Schema): boolean {
  const target = (ref: string): unknown =>
    ref
      .split('/')
      .slice(1)
      .reduce<unknown>((at, part) => (isSchema(at) ? at[part] : undefined), root);
  const leads = (schema: unknown, seen: readonly string[]): boolean =>
    [...schemasIn(schema)].some(
      ({ $ref }) => typeof $ref === 'string' && (seen.includes($ref) || leads(target($ref), [...seen, $ref])),
    );
  return leads({ ...root, definitions: undefined, $defs: undefined }, []);
}

/** The first thing that a strict schema must not contain. */
function schemaProblem(root: Schema): string | undefined {
  for (const schema of schemasIn(root)) {
    if (schema.type === 'object' && schema.additionalProperties !== false)
      return "For 'object' type, 'additionalProperties' must be explicitly set to false";
    const limit = limitWords.find((word) => word in schema);
    if (limit) return `For '${String(schema.type)}' type, property '${limit}' is not supported`;
    if (Number(schema.minItems ?? 0) > 1)
      return "For 'array' type, 'minItems' values other than 0 or 1 are not supported";
    if (typeof schema.pattern === 'string' && /\(\?|\\b|\\[1-9]/.test(schema.pattern))
      return `Pattern '${schema.pattern}' is not supported`;
    if (typeof schema.format === 'string' && !formats.includes(schema.format))
      return `Format '${schema.format}' is not supported`;
    if (typeof schema.$ref === 'string' && !schema.$ref.startsWith('#')) return 'External $ref is not supported';
    if ('oneOf' in schema) return "'oneOf' is not supported";
  }
  return isRecursive(root) ? 'Recursive schemas are not supported' : undefined;
}

const strictTools = (tools: readonly Tool[] | undefined) => (tools ?? []).filter((tool) => tool.strict);

function counts(tools: readonly Tool[]): { optional: number; unions: number } {
  let [optional, unions] = [0, 0];
  for (const tool of tools)
    for (const schema of schemasIn(tool.input_schema)) {
      const required = Array.isArray(schema.required) ? schema.required : [];
      for (const [name, part] of Object.entries(isSchema(schema.properties) ? schema.properties : {})) {
        if (!required.includes(name)) optional += 1;
        if (isSchema(part) && isUnion(part)) unions += 1;
      }
    }
  return { optional, unions };
}

/** Refusals that depend on the tools and on the schema of the output. */
export const toolRules: Rule[] = [
  {
    name: 'tool names',
    check: ({ body: { tools = [] } }) =>
      new Set(tools.map(({ name }) => name)).size < tools.length ? 'tools: Tool names must be unique.' : undefined,
  },
  {
    name: 'chosen tool',
    check: ({ body: { tools = [], tool_choice } }) =>
      tool_choice?.type === 'tool' && !tools.some(({ name }) => name === tool_choice.name)
        ? `Tool '${tool_choice.name}' not found in provided tools`
        : undefined,
  },
  {
    name: 'strict schemas',
    check: ({ body: { tools } }, { strict_schemas }) =>
      firstOf(
        strictTools(tools).map(({ name, input_schema }) => {
          const problem = strict_schemas ? schemaProblem(input_schema) : 'strict tools are not supported on this model';
          return problem && `tools.${name}.custom.input_schema: ${problem}`;
        }),
      ),
  },
  {
    name: 'output format',
    check: ({ body: { output_config } }) => {
      const problem = output_config?.format && schemaProblem(output_config.format.schema);
      return problem ? `output_config.format.schema: ${problem}` : undefined;
    },
  },
  {
    name: 'number of strict tools',
    check: ({ body: { tools } }) => {
      const strict = strictTools(tools);
      const { optional, unions } = counts(strict);
      return firstOf([
        strict.length > 20 && `Too many strict tools: ${strict.length}, at most 20.`,
        optional > 24 && `Schema is too complex: ${optional} optional parameters in strict tools, at most 24.`,
        unions > 16 && `Schema is too complex: ${unions} parameters with unions in strict tools, at most 16.`,
      ]);
    },
  },
];
