import { searchAttributes } from '#workflows/contracts/search-attributes.ts';

/** Search attributes, and the key by which organizations share a queue: activities and children inherit it. */
export const placed = (pairs: Partial<Record<keyof typeof searchAttributes, string | null>>) => ({
  typedSearchAttributes: Object.entries(pairs).flatMap(([name, value]) =>
    value ? [{ key: searchAttributes[name as keyof typeof searchAttributes], value }] : [],
  ),
  ...(pairs.org ? { priority: { fairnessKey: pairs.org } } : {}),
});
