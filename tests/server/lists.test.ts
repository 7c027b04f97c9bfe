import { z } from 'zod';
import type { Services } from '#activities/ports/services.ts';
import { createTokens } from '#server/http/tokens.ts';
import { allRoutes } from '#server/routes/index.ts';
import type { Auth } from '#server/usecases/auth.ts';
import { jwtSecret, organization, startStubApp, user } from '#tests/support/stub-app.ts';
import { sampleId, sampleInput } from '#tests/support/sample-input.ts';

/** The values that the store was asked with. */
let asked: unknown[] = [];
const record = (...values: unknown[]) => {
  asked.push(...values.flatMap((value) => (typeof value === 'object' && value ? Object.values(value) : value)));
  return Promise.resolve(Object.assign([], { items: [], next_cursor: null, stripe_customer_id: 'cus_1' }));
};
const recorder = new Proxy({}, { get: () => record });
const account = Object.fromEntries(
  ['repositories', 'owners', 'branches', 'directory', 'tree', 'commits', 'pulls'].map((name) => [name, record]),
);
const parts =
  'sandboxes transcripts commits results locks connectedRepositories credentials projects specs tickets gates boardPhases tasks runs turns messages discoveries watching watchdog anomalies guardianActions costs budgets billing pullRequests merges events mails explore notices invitations invoices memories playbook patterns quality agents alerts collaboration diagnostics mcpCalls';

let token = '';
let app: Awaited<ReturnType<typeof startStubApp>>;
beforeAll(async () => {
  app = await startStubApp(
    {
      ...Object.fromEntries(parts.split(' ').map((part) => [part, recorder])),
      scopes: {
        organizationOf: () => Promise.resolve(organization),
        projectOf: () => Promise.resolve(sampleId),
        workOf: () => Promise.resolve(null),
      },
    },
    {
      payments: { invoices: record },
      github: { ofAccount: () => Promise.resolve(account) },
      identity: {
        session: () => Promise.resolve({ id: 's', user: { ...user, id: 'u', is_super_admin: true }, revoked_at: null }),
        keysOf: record,
        organizations: record,
        members: record,
        roles: () => Promise.resolve([]),
        rolesPage: record,
        sessionsOf: record,
        auditTrail: record,
        waitlist: record,
        users: record,
        repositoryAccount: () => Promise.resolve({ credential_id: 'c' }),
      },
    },
  );
  token = (await createTokens(jwtSecret).sign({ sub: 'u', type: 'access', sid: 's' }, 600)).token;
});
afterAll(() => app.close());

const fieldsOf = (schema: z.ZodType) =>
  Object.keys((z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties ?? {}) as object);
const lists = allRoutes({} as Services, {} as Auth)
  .map(({ contract }) => contract)
  .filter(({ response }) => fieldsOf(response).includes('next_cursor'));

test.each(lists.map((contract) => [contract.path, contract] as const))(
  '[API-02] the cursor of %s leads to the next page',
  async (_path, contract) => {
    expect(fieldsOf(contract.query)).toContain('cursor');
    asked = [];
    const { address } = sampleInput(contract);
    await fetch(`${app.url}${address}${address.includes('?') ? '&' : '?'}cursor=7654`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(asked.map(String)).toContain('7654');
  },
);
