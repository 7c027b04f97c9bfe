import type { ScoredCriterion } from './phase.ts';

/** Whether a value holds anything: text other than white space, an item of a list, a key of an object. */
export function given(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value === 'string') return value.trim() !== '';
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'object' ? Object.keys(value).length > 0 : true;
}

/** Share of the values that hold anything, 0 to 1. */
export function partsGiven(...values: unknown[]): number {
  return values.filter(given).length / values.length;
}

/**
 * Credit for a list by its length; the last entry counts for longer lists too. `byCount(items, 0, 0.5, 1)`: none 0, one
 * 0.5, more 1.
 */
export function byCount(items: readonly unknown[], ...credits: [number, ...number[]]): number {
  return credits[Math.min(items.length, credits.length - 1)] ?? 0;
}

/** Credit for a text: 1 when longer than `above` characters, 0.5 for a shorter one, 0 without text. */
export function textCredit(value: string, above: number): number {
  const { length } = value.trim();
  return length > above ? 1 : length > 0 ? 0.5 : 0;
}

/**
 * Credit for a list or prose: 1 for a list, even an empty one, since it states that there is nothing to list; 0.5 for
 * prose.
 */
export function listCredit(value: unknown): number {
  return Array.isArray(value) ? 1 : 0.5;
}

/**
 * A criterion that every item of a list has to meet. Its value is the share of items that do.
 * @param empty value for an empty list.
 */
export function everyItem<T>(
  name: string,
  weight: number,
  items: readonly T[],
  meets: (item: T) => boolean,
  note: string,
  { empty = 0, nameOf = nameOfItem }: { empty?: number; nameOf?: (item: T, index: number) => string } = {},
): ScoredCriterion {
  const short = items
    .map((item, index) => (meets(item) ? undefined : nameOf(item, index)))
    .filter((label) => label !== undefined);
  const value = items.length === 0 ? empty : (items.length - short.length) / items.length;
  const shown = short.slice(0, 5).join(', ') + (short.length > 5 ? ` and ${short.length - 5} more` : '');
  return { name, weight, value, note: short.length ? `${note} (lacking: ${shown})` : note };
}

/** The same criteria, all unmet. */
export function noneMet(criteria: ScoredCriterion[]): ScoredCriterion[] {
  return criteria.map((criterion) => ({ ...criterion, value: 0 }));
}

function nameOfItem(item: unknown, index: number): string {
  const { id, name, path } = (item ?? {}) as { id?: string; name?: string; path?: string };
  return id || name || path || `number ${index + 1}`;
}
