import { isOfType, type JsonSchema } from './json-schema.ts';

/**
 * Corrects mistakes with a clear meaning before validation: "80" for 80, "true" for true, 80 for "80", a list or an
 * object sent as JSON text, null for an optional field. All other input stays unchanged.
 */
export function coerce(value: unknown, schema: JsonSchema): unknown {
  const option = chosenOption(value, schema);
  if (option) return coerce(value, option);

  const plain = isOfType(value, schema) ? value : coerceScalar(value, schema);
  if (schema.type === 'array' && Array.isArray(plain)) return plain.map((item) => coerce(item, schema.items ?? {}));
  if (schema.type === 'object' && isOfType(plain, schema))
    return coerceFields(plain as Record<string, unknown>, schema);
  return plain;
}

function coerceScalar(value: unknown, schema: JsonSchema): unknown {
  if (typeof value === 'string') return coerceText(value, schema);
  if (schema.type === 'string' && !schema.enum && (typeof value === 'number' || typeof value === 'boolean'))
    return String(value);
  return value;
}

function coerceText(value: string, schema: JsonSchema): unknown {
  const text = value.trim();
  switch (schema.type) {
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : value;
    case 'boolean':
      return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : value;
    case 'array':
    case 'object': {
      const parsed = parseJson(text);
      return isOfType(parsed, schema) ? parsed : value;
    }
    default:
      return value;
  }
}

function coerceFields(value: Record<string, unknown>, schema: JsonSchema): Record<string, unknown> {
  const fields = Object.entries(value).flatMap(([name, field]) => {
    const known = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (!known) return [[name, field]];
    if (field === null && !schema.required?.includes(name) && !isOfType(null, known)) return [];
    return [[name, coerce(field, known)]];
  });
  return Object.fromEntries(fields);
}

/**
 * The branch of a union that the value means: structured ones first for JSON text (a list of evidence sent as
 * text is a list), then one that fits as it is, then one that fits after correction.
 */
function chosenOption(value: unknown, schema: JsonSchema): JsonSchema | undefined {
  const options = schema.anyOf;
  if (!options) return undefined;
  const structured = typeof value === 'string' ? parseJson(value.trim()) : undefined;
  return (
    options.find(
      (option) =>
        (option.type === 'array' || option.type === 'object') &&
        structured !== undefined &&
        isOfType(structured, option),
    ) ??
    options.find((option) => isOfType(value, option) && hasItsConstants(value, option)) ??
    options.find((option) => isOfType(coerceScalar(value, option), option))
  );
}

/** The constant fields of a discriminated union select its branch. */
function hasItsConstants(value: unknown, option: JsonSchema): boolean {
  if (option.type !== 'object') return true;
  const fields = value as Record<string, unknown>;
  return Object.entries(option.properties ?? {}).every(
    ([name, field]) => field.const === undefined || fields[name] === field.const,
  );
}

/** The object or list that a JSON text describes; undefined for any other text. */
export function parseJson(text: string): unknown {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
