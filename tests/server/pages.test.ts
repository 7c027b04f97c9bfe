import { z } from 'zod';
import { businessKey, pageFromOldest, pageOf, pageOfRows, titleOrKey, type PageQuery } from '#prisma/store/page.ts';
import { allContracts } from '#tests/support/checked-answer.ts';

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

test('a page from the oldest row continues after the last one, also in one millisecond', async () => {
  const oldest = [...rows].reverse();
  const findOldest = ({ where: { OR }, take }: { where: { OR?: object[] }; take: number }) => {
    const [newer, same] = (OR ?? []) as [{ created_at: { gt: Date } }, { created_at: Date; id: { gt: string } }];
    const isBeyond = (row: (typeof rows)[number]) =>
      !OR || row.created_at > newer.created_at.gt || (+row.created_at === +same.created_at && row.id > same.id.gt);
    return Promise.resolve(oldest.filter(isBeyond).slice(0, take));
  };
  const first = await pageFromOldest({ limit: 2 }, findOldest, businessKey);
  const second = await pageFromOldest({ limit: 2, cursor: first.next_cursor ?? '' }, findOldest, businessKey);
  expect([...first.items, ...second.items].map((row) => row.id)).toEqual(oldest.map((row) => row.id));
  expect(second.next_cursor).toBeNull();
});

test('a page of rows that are all there continues after its cursor', () => {
  const first = pageOfRows({ limit: 3 }, rows);
  const second = pageOfRows({ limit: 3, cursor: first.next_cursor ?? '' }, rows);
  expect([...first.items, ...second.items]).toEqual(rows);
  expect(second.next_cursor).toBeNull();
  expect(() => pageOfRows({ limit: 3, cursor: 'nothing' }, rows)).toThrow('Invalid cursor');
});

const lists = allContracts.filter(
  ({ response, method }) => method === 'get' && response instanceof z.ZodObject && 'next_cursor' in response.shape,
);
test('the lists of the interface are found', () => expect(lists.length).toBeGreaterThan(20));

test.each(lists.map((contract) => [contract.path, contract.query] as const))(
  '[API-02] the list %s has a limit from 1 and a place to continue from',
  (_path, query) => {
    for (const limit of ['0', '-1', '1.5', 'all', '100000'])
      expect([limit, query.safeParse({ limit }).success]).toEqual([limit, false]);
    expect(query.safeParse({ limit: '1' }).success).toBe(true);
    const fields = Object.keys(query instanceof z.ZodObject ? query.shape : {});
    expect(fields.some((field) => field === 'cursor' || field === 'after')).toBe(true);
  },
);

test.each([
  ['100%', '100\\%'],
  ['a_b', 'a\\_b'],
  ['c\\d', 'c\\\\d'],
  ['plain', 'plain'],
])('a search for %s finds its characters as they are', (search, pattern) => {
  expect(titleOrKey(search)).toMatchObject({ OR: [{ title: { contains: pattern } }, {}] });
});
