import type { AddressInfo } from 'node:net';
import type { Services } from '#activities/ports/services.ts';
import { createApp } from '#server/app.ts';

/** An answer of a stub: any method returns null, any property is a stub. */
const anything = (): object =>
  new Proxy(() => Promise.resolve(null), {
    get: (target, name) => (name === 'then' ? undefined : ((Reflect.get(target, name) as unknown) ?? anything())),
  });

/** An object of which only these parts are real. */
const stub = <T>(parts: object): T =>
  new Proxy(parts, {
    get: (target, name) => (name in target || name === 'then' ? (Reflect.get(target, name) as unknown) : anything()),
  }) as T;

export const organization = '11111111-1111-4111-8111-111111111111';
export const jwtSecret = 'a secret for tests that is long enough';
export const user = { is_active: true, is_verified: true, email: 'owner@example.test' };

/** The server with a store that has no records. Every API key belongs to an owner of one organization. */
export async function startStubApp(
  store: object = {},
  parts: {
    identity?: object;
    payments?: object;
    bus?: object;
    workflows?: object;
    github?: object;
    services?: object;
    ping?: number;
  } = {},
): Promise<{ url: string; port: number; close(): void }> {
  const identity = {
    keyByHash: () =>
      Promise.resolve({ id: 'k', user_id: 'u', user, is_active: true, scopes: ['*:*'], organization_id: organization }),
    keyUsed: () => Promise.resolve(),
    grantsOf: () => Promise.resolve([{ organization_id: organization, role: 'owner', permissions: ['*:*'] }]),
    ...parts.identity,
  };
  const services = stub<Services>({
    config: stub({
      env: 'production',
      preview: stub({ origin: undefined }),
      server: stub({ trusted_proxies: [], public_url: 'https://omoios.example' }),
      model: { name: 'claude-sonnet-5-5', max_output_tokens: 8192, cache_ttl: '5m' },
      billing: { enforce: false, plans: {}, workflow_cents: 1000 },
      board: { wip_analyzing: 0, wip_building: 0, wip_testing: 0, wip_deploying: 0 },
      phase: { threshold: 0.7 },
      dedup: { spec: 0.92, requirement: 0.88, task: 0.85, ticket: 0.85 },
      features: {
        enable_discoveries: true,
        enable_validation: true,
        enable_guardian: true,
        enable_memory: true,
        enable_collaboration: true,
      },
      discovery: { max_depth: 3, per_task: 5, open_per_ticket: 20, similarity: 0.85, repeat_signature_limit: 3 },
      diagnostic: { stuck_after: 60, cooldown: 60, max_failures: 3, max_per_ticket: 10 },
      quality: { coverage: 80, lint: 0, complexity: 10, overall: 0.7 },
      rate_limits: stub({ sandbox_events: { points: 120, seconds: 60 } }),
      monitoring: {
        heartbeat_interval: 30,
        restart_cooldown: 60,
        restarts_per_hour: 3,
        enabled: true,
        watchdog_ttl: 15,
      },
      memory: { similarity: 0.7, lexical_similarity: 0.3, prompt_tokens: 2000 },
      live: { ping: parts.ping ?? 30, max_buffer_kb: 4096 },
    }),
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    disk: { requireSpace: () => undefined, problem: () => undefined },
    bus: parts.bus ?? { subscribe: () => () => undefined, onReconnect: () => () => undefined },
    redact: (text: string) => text,
    workflows: stub(parts.workflows ?? {}),
    ...(parts.github ? { github: parts.github, secrets: stub({ open: () => '{}' }) } : {}),
    ...parts.services,
    ...(parts.payments ? { payments: parts.payments } : {}),
    store: stub({
      identity: stub(identity),
      scopes: { organizationOf: () => Promise.resolve(organization), workOf: () => Promise.resolve(null) },
      ...store,
    }),
  });
  const app = createApp(services, { jwt_secret: jwtSecret });
  await new Promise<void>((resolve) => app.server.listen(0, '127.0.0.1', resolve));
  const { port } = app.server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () => {
      app.close();
      app.server.close();
      app.server.closeAllConnections();
    },
  };
}
