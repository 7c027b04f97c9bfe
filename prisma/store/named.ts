/** Rows whose title holds these words, or whose key they are; all rows without words. */
export const named = (search: string | undefined) =>
  search
    ? { OR: [{ title: { contains: search, mode: 'insensitive' as const } }, { key: { equals: search.toUpperCase() } }] }
    : {};
