import { z } from 'zod';

type Json = Record<string, unknown>;

/** Limits that a strict schema must not contain. The answer is checked with the original schema instead. */
const limits = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'pattern',
]);

/** Integers of zod have these limits, which say nothing to a model. */
const isSafeInteger = (value: unknown) => value === Number.MAX_SAFE_INTEGER || value === Number.MIN_SAFE_INTEGER;

/**
 * The schema as a provider accepts it for a strict tool: every object is closed, and no limit is in it. A limit becomes
 * part of the description, so that the model knows it.
 */
export function strictSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) as Json;
  return closed(rest) as Json;
}

function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const known = value as Json;
  const removed = Object.entries(known).filter(([key, limit]) => limits.has(key) && !isSafeInteger(limit));
  const out: Json = {};
  for (const [key, part] of Object.entries(known)) {
    if (key === 'properties')
      out[key] = Object.fromEntries(Object.entries(part as Json).map(([k, v]) => [k, closed(v)]));
    else if (key === 'default' || key === 'enum' || key === 'const') out[key] = part;
    else if (!limits.has(key)) out[key] = closed(part);
  }
  if (known.type === 'object') out.additionalProperties = false;
  const shown = removed.map(([key, limit]) => `${key} ${String(limit)}`).join(', ');
  if (shown) out.description = known.description ? `${String(known.description)} (${shown})` : shown;
  return out;
}
