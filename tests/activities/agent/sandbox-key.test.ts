import { ensureSandbox } from '#activities/agent/sandbox.ts';
import { platformAccess } from '#activities/agent/sandbox-key.ts';
import type { SandboxSpec } from '#activities/ports/sandbox.ts';
import type { Services } from '#activities/ports/services.ts';
import { createRedactor } from '#activities/services/redact.ts';
import { createSecretBox } from '#activities/services/secret-box.ts';
import type { Run } from '#prisma/store/runs.ts';

const run = {
  id: 'r1',
  organization_id: 'o1',
  project_id: 'p1',
  kind: 'task',
  mode: 'implementation',
  sandbox_id: 's1',
  branch: 'b',
  start_sha: 'a',
  head_sha: 'a',
  settings: { network: 'registries' },
} as Run;

/** Several workers of one installation: one database, one machine of sandboxes. */
function installation() {
  const sandboxes = new Map<string, SandboxSpec>();
  const keys = new Map<string, string>();
  const worker = (platformUrl: string | undefined = 'http://platform') =>
    ({
      sandbox: {
        platformUrl,
        isolated: true,
        status: async (id: string) => (sandboxes.has(id) ? 'running' : 'absent'),
        create: async (spec: SandboxSpec) => void (sandboxes.has(spec.id) || sandboxes.set(spec.id, spec)),
        labels: async (id: string) => sandboxes.get(id)?.labels,
      },
      store: {
        projects: { get: async () => ({ settings: {} }) },
        sandboxes: {
          start: async () => {},
          issueKey: async ({ id }: Run, hash: string) => void keys.set(id, hash),
          endKey: async ({ id }: Run) => void keys.delete(id),
        },
      },
      secrets: createSecretBox('the secret of the installation'),
      repositories: { resolve: async (_: string, sha: string) => sha },
      model: { scripted: true },
      config: { sandbox: {} },
    }) as unknown as Services;
  return { sandboxes, keys, worker };
}

test('[AUTH-13] a sandbox that is opened again has the same key, and one that replaces it another', async () => {
  const { sandboxes, keys, worker } = installation();
  await ensureSandbox(worker(), run);
  const first = await platformAccess(worker(), run);
  const hash = keys.get(run.id);
  expect(first?.platform).toBe('/api/v1/sandboxes/r1/');
  expect(first?.env).toEqual({
    OMOIOS_API_URL: 'http://platform/api/v1',
    OMOIOS_SANDBOX_ID: 'r1',
    OMOIOS_SANDBOX_KEY: expect.stringMatching(/^sk_agent_[\w-]{43}$/),
  });
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  await ensureSandbox(worker(), run);
  expect([await platformAccess(worker(), run), keys.get(run.id), keys.size]).toEqual([first, hash, 1]);

  sandboxes.clear();
  await ensureSandbox(worker(), run);
  expect(keys.size).toBe(0);
  const second = await platformAccess(worker(), run);
  expect(second?.env.OMOIOS_SANDBOX_KEY).not.toBe(first?.env.OMOIOS_SANDBOX_KEY);
  expect([keys.size, keys.get(run.id) === hash]).toEqual([1, false]);
  expect(createRedactor([])(`key ${second?.env.OMOIOS_SANDBOX_KEY}.`)).toBe('key [redacted].');
});

test('[AUTH-13] where no command reaches the platform there is no key', async () => {
  const { keys, worker } = installation();
  await ensureSandbox(worker(), run);
  expect(await platformAccess(worker(''), run)).toBeUndefined();
  for (const settings of [{ network: 'none' }, {}])
    expect(await platformAccess(worker(), { ...run, settings } as Run)).toBeUndefined();
  expect(await platformAccess({ ...worker(), secrets: { derive: () => undefined } as never }, run)).toBeUndefined();
  expect(keys.size).toBe(0);
});
