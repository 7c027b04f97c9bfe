import type { Api } from '#tests/support/api.ts';
import { api } from '#tests/support/shared.ts';

const unknownId = '00000000-0000-4000-8000-000000000000';

/** A call on one thing is refused without a key, for an unknown id, and with a body that cannot be read. */
export async function refusals(
  method: string,
  at: (id: string) => string,
  id: string,
  badBody?: object,
): Promise<void> {
  const as = (who: Api, url: string, body?: object) => who.request(method, url, body).then((answer) => answer.status);
  const body = method === 'GET' ? undefined : { content: 'x' };
  expect(await as(api().as(undefined), at(id), body)).toBe(401);
  expect(await as(api(), at(unknownId), body)).toBe(404);
  if (badBody) expect(await as(api(), at(id), badBody)).toBe(422);
}
