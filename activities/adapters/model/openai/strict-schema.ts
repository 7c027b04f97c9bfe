type Json = Record<string, unknown>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const schemasIn = (value: unknown): Json => (isJson(value) ? value : {});
const namesIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** A default is not permitted. The original schema sets it when the input is read. */
const refused = new Set(['default']);

const nullable = (schema: unknown): unknown => ({ anyOf: [schema, { type: 'null' }] });

/**
 * The schema of a strict tool as this provider accepts it: every property is required, so an optional one may be null.
 * @param schema a schema whose objects are closed.
 */
export function strictSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strictSchema);
  if (!isJson(schema)) return schema;
  const required = namesIn(schema.required);
  const out: Json = {};
  for (const [key, part] of Object.entries(schema)) {
    if (key === 'enum' || key === 'const' || key === 'required' || refused.has(key)) continue;
    out[key] =
      key === 'properties'
        ? Object.fromEntries(
            Object.entries(schemasIn(part)).map(([name, one]) => [
              name,
              required.includes(name) ? strictSchema(one) : nullable(strictSchema(one)),
            ]),
          )
        : key === '$defs' || key === 'definitions'
          ? Object.fromEntries(Object.entries(schemasIn(part)).map(([name, one]) => [name, strictSchema(one)]))
          : strictSchema(part);
  }
  if ('enum' in schema) out.enum = schema.enum;
  if ('const' in schema) out.const = schema.const;
  if (schema.type === 'object') out.required = Object.keys(schemasIn(schema.properties));
  return out;
}

/** An input of a strict tool without the nulls that stand for absent properties. */
export function withoutNulls(schema: unknown, value: unknown): unknown {
  if (!isJson(schema)) return value;
  if (Array.isArray(value)) return value.map((one) => withoutNulls(schema.items, one));
  if (!isJson(value)) return value;
  const branches = namesIn(schema.anyOf).filter(isJson);
  const objects = [schema, ...branches].filter((one) => isJson(one.properties));
  // Where several branches have the property, the one that requires it keeps its null.
  const schemas = (name: string) => objects.filter((one) => name in schemasIn(one.properties));
  const isAbsent = (name: string) => {
    const known = schemas(name);
    return known.length > 0 && known.every((one) => !namesIn(one.required).includes(name));
  };
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) =>
      part === null && isAbsent(name)
        ? []
        : [[name, withoutNulls(schemasIn(schemas(name)[0]?.properties)[name], part)]],
    ),
  );
}
