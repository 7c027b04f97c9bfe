import { businessKey, pageOf, type PageQuery } from '#prisma/store/page.ts';

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms);
// Three rows of one millisecond, at the edge of a page of two.
const rows = ['run:4', 'run:3', 'run:2', 'run:1'].map((id, n) => ({ id, created_at: at(n === 0 ? 1 : 0) }));

/** The database: newest first, by time and then by id. */
const find = ({ where, take }: { where: object; take: number }) => {
  const [older, same] =
    (where as { OR?: [{ created_at: { lt: Date } }, { created_at: Date; id: { lt: string } }] }).OR ?? [];
  const isAfter = (row: (typeof rows)[number]) =>
    !older ||
    !same ||
    row.created_at < older.created_at.lt ||
    (+row.created_at === +same.created_at && row.id < same.id.lt);
  return Promise.resolve(rows.filter(isAfter).slice(0, take));
};

test('[API-02] pages of costs hold each row once, also rows of the same millisecond', async () => {
  const ids: string[] = [];
  const page: PageQuery = { limit: 2 };
  do {
    const { items, next_cursor } = await pageOf(page, find, businessKey);
    ids.push(...items.map((row) => row.id));
    page.cursor = next_cursor ?? undefined;
  } while (page.cursor);
  expect(ids).toEqual(rows.map((row) => row.id));
});

test('a cursor that is not from a page is refused', async () => {
  const cursor = (text: string) => Buffer.from(text).toString('base64url');
  const time = at(0).toISOString();
  for (const bad of ['nonsense', cursor(`${time}|`), cursor(`${time}|a\0b`), cursor('never|run:1')])
    await expect(pageOf({ limit: 2, cursor: bad }, find, businessKey)).rejects.toMatchObject({ code: 'invalid_body' });
  for (const bad of ['run:1', '-'.repeat(36)])
    await expect(pageOf({ limit: 2, cursor: cursor(`${time}|${bad}`) }, find)).rejects.toMatchObject({
      code: 'invalid_body',
    });
});
