import { z } from 'zod';

/*
 * Building blocks of the phases' schemas. A missing field gets an empty default, since the gate rates completeness. A
 * wrong type or an unknown field is refused. Preprocessing accepts harmless mistakes of a model, and the JSON schema
 * that the model sees stays canonical.
 */

export const text = z.string().default('');
const nonEmptyText = z.string().trim().min(1);
export const id = nonEmptyText;
export const idList = z.array(id);
export const ids = idList.default([]);

export const record = z.record(z.string(), z.unknown());
export const mapping = record.default({});

/** A remark: a sentence, or a small object where a sentence is not enough. */
export const note = z.union([z.string(), record]);
export const notes = z.array(note).default([]);
export type Note = z.infer<typeof note>;

/** A question that is open, and what is assumed while nobody answers. */
export const openQuestion = z.union([z.strictObject({ question: nonEmptyText, assumption: nonEmptyText }), note]);

/** An object that may be missing: its fields then have their defaults. */
export const section = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(shape).prefault({} as z.input<z.ZodObject<S>>);

/** A list, or prose instead of it, which gets half the points. */
export const listOrProse = <S extends z.ZodType>(item: S) => z.union([z.array(item), z.string()]).default([]);

/** A number of at least 0; `"4"` counts as 4. */
export const amount = z.preprocess((value) => (isNumeric(value) ? Number(value) : value), z.number().min(0));
export const hours = amount.default(0);

/** A label or a number, kept as text. */
export const label = z
  .preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string())
  .default('');

/** A boolean; `"true"` counts as true. */
export const flag = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());

/** One of a list of options, in any case of letters. */
export function oneOf<const T extends readonly [string, ...string[]]>(options: T) {
  const spelling = (value: unknown) =>
    options.find((word) => typeof value === 'string' && word.toLowerCase() === value.trim().toLowerCase()) ?? value;
  return z.preprocess(spelling, z.enum(options));
}

/** An acceptance criterion; a bare sentence counts as its text. `check` is a command that proves it. */
export const criteria = z
  .array(
    z.preprocess(
      (value) => (typeof value === 'string' ? { text: value } : value),
      z.strictObject({ id: id.optional(), text: nonEmptyText, check: z.string().optional() }),
    ),
  )
  .default([]);

export interface AcceptanceCriterion {
  id: string;
  text: string;
  check?: string;
}

/**
 * Numbers the criteria of an item: `REQ-X-FUNC-001.1`, `.2` ... Ids from the model are seldom unique, so they are
 * replaced.
 */
export function withCriteriaIds<T extends { id: string; acceptance_criteria: z.infer<typeof criteria> }>(
  item: T,
): Omit<T, 'acceptance_criteria'> & { acceptance_criteria: AcceptanceCriterion[] } {
  return {
    ...item,
    acceptance_criteria: item.acceptance_criteria.map((criterion, index) => ({
      ...criterion,
      id: `${item.id}.${index + 1}`,
    })),
  };
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim());
}
