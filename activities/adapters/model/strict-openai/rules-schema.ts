type Schema = Record<string, unknown>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keywords that a strict schema must not contain. */
const refused = ['allOf', 'oneOf', 'not', 'dependentRequired', 'dependentSchemas', 'if', 'then', 'else', 'default'];
const formats = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'];
const [maxDepth, maxProperties] = [10, 5000];

function* schemasIn(schema: unknown, path: readonly string[], depth: number): Generator<[Schema, string[], number]> {
  if (!isSchema(schema)) return;
  yield [schema, [...path], depth];
  const { properties, $defs, definitions, items, anyOf } = schema;
  for (const [key, named] of Object.entries({ properties, $defs, definitions }))
    if (isSchema(named))
      for (const [name, one] of Object.entries(named))
        yield* schemasIn(one, [...path, key, name], key === 'properties' ? depth + 1 : depth);
  if (items) yield* schemasIn(items, [...path, 'items'], depth);
  if (Array.isArray(anyOf))
    for (const [at, one] of anyOf.entries()) yield* schemasIn(one, [...path, 'anyOf', String(at)], depth);
}

function problemOf(schema: Schema): string | undefined {
  const bad = refused.find((word) => word in schema);
  if (bad) return `'${bad}' is not permitted`;
  if (typeof schema.format === 'string' && !formats.includes(schema.format))
    return `'${schema.format}' is not a valid format`;
  if (schema.type !== 'object') return undefined;
  if (schema.additionalProperties !== false) return "'additionalProperties' is required to be supplied and to be false";
  const names = isSchema(schema.properties) ? Object.keys(schema.properties) : [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  const missing = names.find((name) => !required.includes(name));
  return missing === undefined
    ? undefined
    : `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'`;
}

/** The first thing that a strict tool's schema must not contain. */
export function functionProblem(name: string, root: Schema): string | undefined {
  const said = (context: readonly string[], problem: string) =>
    `Invalid schema for function '${name}': In context=(${context.map((part) => `'${part}'`).join(', ')}), ${problem}.`;
  if (root.type !== 'object' || 'anyOf' in root) return said([], "schema must be of type 'object' without anyOf");
  let properties = 0;
  for (const [schema, context, depth] of schemasIn(root, [], 1)) {
    const problem = problemOf(schema);
    if (problem) return said(context, problem);
    if (schema.type === 'object' && depth > maxDepth)
      return said(context, `${depth} levels of nesting exceed the limit of ${maxDepth}`);
    properties += isSchema(schema.properties) ? Object.keys(schema.properties).length : 0;
  }
  return properties > maxProperties ? said([], `more than ${maxProperties} properties`) : undefined;
}
