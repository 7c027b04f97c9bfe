/** The fields that a phase has submitted so far: JSON, unchecked. */
export type PhaseDraft = Record<string, unknown>;

type Item = Record<string, unknown>;

/**
 * Adds a partial submission to the stored draft. Repeating it changes nothing.
 *
 * Objects merge field by field, other values are replaced. An object in a list is matched by `id`, else `name`, `path`
 * (with `method`) or `category`; an item without a match is appended unless an equal one exists. An item matched by its
 * id is patched, and lists in it are replaced: the dependencies of a task must be able to shrink.
 */
export function mergeDraft(stored: PhaseDraft, { partial: _, ...submitted }: PhaseDraft): PhaseDraft {
  return mergeObject(stored, submitted, mergeList);
}

/**
 * The complete answer of a submission without `partial`. When the draft is not judged yet, the submission adds to it.
 * When a gate or a person has rejected the draft, the submission corrects it: its fields replace those of the draft, so
 * that a list can also lose items.
 */
export function completeDraft(stored: PhaseDraft, submission: PhaseDraft, { judged }: { judged: boolean }): PhaseDraft {
  const { partial: _, ...submitted } = submission;
  return judged ? { ...stored, ...submitted } : mergeDraft(stored, submission);
}

type ListRule = (stored: unknown[], added: unknown[]) => unknown[];

function mergeObject(stored: Item, added: Item, lists: ListRule): Item {
  const merged = Object.entries(added).map(([field, value]) => [
    field,
    Object.hasOwn(stored, field) ? mergeValue(stored[field], value, lists) : value,
  ]);
  return { ...stored, ...Object.fromEntries(merged) };
}

function mergeValue(stored: unknown, added: unknown, lists: ListRule): unknown {
  if (Array.isArray(stored) && Array.isArray(added)) return lists(stored, added);
  return isItem(stored) && isItem(added) ? mergeObject(stored, added, lists) : added;
}

const replaceList: ListRule = (_stored, added) => added;

function mergeList(stored: unknown[], added: unknown[]): unknown[] {
  const merged = [...stored];
  const met = new Set<number>();
  for (const value of added) {
    // The second of two equal items matches the second stored one. Duplicates stay, so that the gate can report them.
    const at = merged.findIndex((other, index) => !met.has(index) && isLike(other, value));
    met.add(at >= 0 ? at : merged.length);
    if (at < 0) merged.push(value);
    else merged[at] = mergeValue(merged[at], value, isItem(value) && 'id' in value ? replaceList : mergeList);
  }
  return merged;
}

function isLike(a: unknown, b: unknown): boolean {
  if (!isItem(a) || !isItem(b)) return sameJson(a, b);
  const key = keyOf(b);
  return key ? key === keyOf(a) : sameJson(a, b);
}

function keyOf(item: Item): string | undefined {
  const field = ['id', 'requirement_id', 'name', 'path', 'category'].find((name) => typeof item[name] === 'string');
  return field && JSON.stringify([field, item[field], field === 'path' ? item.method : null]);
}

function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two values are equal as JSON, in any order of keys. */
function sameJson(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isItem(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
