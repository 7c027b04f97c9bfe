import { z } from 'zod';

type Schema = z.core.JSONSchema.BaseSchema;

/**
 * JSON schema of the input of a phase's tool: the shapes that a model is asked for, without the deviations that are
 * also accepted.
 */
export function jsonSchemaOf(schema: z.ZodType): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

/** A short form of a schema: `{id, tags[], steps[{text, kind a|b}], extra{}}`. */
export function outline(schema: z.ZodType): string {
  return shapeOf(jsonSchemaOf(schema));
}

function shapeOf(schema: Schema): string {
  const { anyOf, properties, items, enum: options, type } = schema;
  if (anyOf) {
    // Of several accepted shapes, the most detailed one is asked for.
    const shapes = (anyOf as Schema[]).map(shapeOf);
    return shapes.find((shape) => shape.length > 2) ?? shapes[0] ?? '';
  }
  if (options) return ` ${options.join('|')}`;
  if (type === 'array') return `[${shapeOf(items as Schema).trim()}]`;
  if (type === 'object')
    return `{${Object.entries(properties ?? {})
      .map(([name, field]) => name + shapeOf(field as Schema))
      .join(', ')}}`;
  return type === 'number' || type === 'boolean' ? ` ${type}` : '';
}
