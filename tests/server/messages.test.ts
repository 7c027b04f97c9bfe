import { z } from 'zod';
import { invalidBody } from '#server/http/errors.ts';
import { fromOwnPage, withoutOldData } from '#server/http/page-session.ts';
import { plainMessage } from '#server/http/plain-messages.ts';
import { createProject } from '#server/contracts/projects.ts';

const messageOf = (schema: z.ZodType, value: unknown): string => {
  const { error } = schema.safeParse(value, { error: plainMessage });
  return error ? invalidBody(error, 'body').message : 'accepted';
};

test.each<[schema: z.ZodType, value: unknown, message: string]>([
  [z.string(), undefined, 'is missing; it must be a text'],
  [z.string(), 7, 'must be a text'],
  [z.coerce.number(), 'many', 'must be a number'],
  [z.number().int(), 1.5, 'must be a whole number'],
  [z.boolean(), 'yes', 'must be true or false'],
  [z.array(z.string()), {}, 'must be a list'],
  [z.record(z.string(), z.string()), [], 'must be an object'],
  [z.string().min(1), '', 'must not be empty'],
  [z.string().min(10), 'x', 'must have at least 10 characters'],
  [z.string().max(1), 'xx', 'must have at most 1 character'],
  [z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 entry'],
  [z.number().min(1), 0, 'must be at least 1'],
  [z.number().positive(), 0, 'must be more than 0'],
  [z.number().max(5), 6, 'must be at most 5'],
  [z.email(), 'x', 'must be an e-mail address, such as ada@example.com'],
  [z.iso.datetime(), 'today', 'must be a time in ISO 8601, such as 2026-01-31T08:00:00Z'],
  [z.enum(['a', 'b']), 'c', 'must be one of a, b'],
  [z.union([z.string(), z.array(z.string())]), 7, 'must be a text, or must be a list'],
  [z.string().regex(/a/, 'takes an a'), 'b', 'takes an a'],
])('a person reads what is wrong with a field: %#', (schema, value, message) => {
  expect(messageOf(z.object({ field: schema }), { field: value })).toBe(`The body is not valid: field ${message}.`);
});

test('a repository by path and by URL says which one to send', () => {
  const body = { name: 'x', repository: { path: '/x', url: 'https://x.example/y' } };
  expect(messageOf(createProject.body, body)).toBe(
    'The body is not valid: repository must be {"path": FOLDER}, {"url": URL} or {"github": "owner/repository"}; allow_dirty is for a path only.',
  );
});

test('a method that no page has is not said to come from another site', () => {
  for (const method of ['TRACE', 'OPTIONS', 'CONNECT']) {
    let refused: unknown;
    void fromOwnPage({ method, headers: {} } as never, {} as never, (error?: unknown) => (refused = error));
    expect(refused).toMatchObject({ code: 'not_found', message: `No page answers ${method}. Use GET or POST.` });
  }
});

test('[OBS-05] a form counts only if it comes from a page of ours', () => {
  const answered = (headers: Partial<Record<string, string>>) => {
    let refused: unknown;
    const req = { method: 'POST', headers: { host: 'omoios.example', ...headers } };
    void fromOwnPage(req as never, {} as never, (error?: unknown) => (refused = error));
    return refused;
  };
  const refusal = { code: 'forbidden', message: 'Requests from other sites are refused.' };
  expect(answered({ origin: 'https://omoios.example' })).toBeUndefined();
  expect(answered({ 'sec-fetch-site': 'same-origin' })).toBeUndefined();
  for (const headers of [
    { origin: 'https://elsewhere.example' },
    { origin: 'https://omoios.example.elsewhere.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    {},
  ])
    expect(answered(headers)).toMatchObject(refusal);
});

test('a parameter that the pages cannot answer is refused', () => {
  const refused: unknown[] = [];
  for (const query of [{ _data: 'routes/x' }, { to: '/x' }])
    void withoutOldData({ query } as never, {} as never, (error?: unknown) => void refused.push(error));
  expect(refused).toEqual([expect.objectContaining({ code: 'invalid_body' }), undefined]);
});
