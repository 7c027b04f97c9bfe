import type { Services } from '#activities/ports/services.ts';
import { allRoutes } from '#server/routes/index.ts';
import type { Auth } from '#server/usecases/auth.ts';
import { sampleInput } from '#tests/support/sample-input.ts';
import { startStubApp } from '#tests/support/stub-app.ts';

/** The other calls for every user: they are about the key itself, or check its permissions by themselves. */
const ofKeys = [
  'post /auth/logout',
  'post /auth/links',
  'post /auth/live-ticket',
  'post /auth/api-keys',
  'delete /auth/api-keys/{id}',
  'post /billing/promo-codes/validate',
];
/** Bodies that no sample meets. */
const bodies: Record<string, object> = {
  '/auth/change-password': { current_password: 'x', new_password: 'Correct-horse-7' },
  '/notifications/slack': { webhook_url: 'https://hooks.slack.com/services/a' },
};
const changes = allRoutes({} as Services, {} as Auth)
  .map(({ contract }) => contract)
  .filter(({ auth, method }) => auth === 'user' && method !== 'get')
  .filter(({ method, path }) => !ofKeys.includes(`${method} ${path}`));

test.each(changes.map((contract) => [`${contract.method} ${contract.path}`, contract] as const))(
  '[AUTH-12] %s changes the account of a person, so an API key may not',
  async (_name, contract) => {
    const { path } = contract;
    const app = await startStubApp({});
    const { address, body } = sampleInput(contract);
    const response = await fetch(`${app.url}${address}`, {
      method: contract.method.toUpperCase(),
      headers: { authorization: 'Bearer sk_live_x', 'content-type': 'application/json' },
      body: JSON.stringify(bodies[path] ?? body),
    });
    app.close();
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([403, 'forbidden']);
  },
);
