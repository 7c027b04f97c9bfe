// Starts the one stack that the tests of a run share. Its settings make waits short; watchers look when asked.
import { register } from 'tsx/esm/api';

register();

export default async function setup() {
  const { startModelRouter } = await import('./model-router.ts');
  const { TestStack } = await import('./stack.ts');
  const { startIdentityProviders } = await import('./identity-providers.ts');
  const { Github } = await import('./github.ts');
  const router = await startModelRouter();
  const github = new Github();
  const identity = await startIdentityProviders(undefined, github.serve.bind(github));
  github.url = identity.env.GITHUB_URL;
  const stack = await TestStack.start({
    MODEL_PROVIDER: 'anthropic',
    ANTHROPIC_BASE_URL: router.url,
    ANTHROPIC_API_KEY: 'test-key-of-nobody',
    OMOIOS_MONITORING_GUARDIAN_INTERVAL: '3600',
    OMOIOS_MONITORING_CONDUCTOR_INTERVAL: '3600',
    OMOIOS_MONITORING_HEALTH_INTERVAL: '3600',
    OMOIOS_MONITORING_WATCHDOG_CHECK: '2',
    OMOIOS_MONITORING_MINIMUM_AGE: '0.001',
    OMOIOS_PHASE_RETRY_BACKOFF: '0.05',
    OMOIOS_TASK_RETRY_BACKOFF: '0.05',
    OMOIOS_SANDBOX_RELEASE_AFTER: '600',
    OMOIOS_MODEL_SHORT_WAIT: '1',
    OMOIOS_AUTH_LOCKOUT: '2',
    OMOIOS_LIVE_PING: '1',
    OMOIOS_NOTIFICATIONS_GATHER: '1',
    OMOIOS_NOTIFICATIONS_SLACK_HOSTS: 'hooks.slack.com,localhost',
    SLACK_SIGNING_SECRET: 'signs-buttons-of-slack',
    OMOIOS_OUTBOUND_ALLOW: 'localhost',
    CODE_HOST: 'github',
    GITHUB_WEBHOOK_SECRET: 'signs-events-of-github',
    GITHUB_APP_ID: github.app.id,
    GITHUB_APP_PRIVATE_KEY: github.app.privateKey,
    ...identity.env,
  });
  globalThis.omoiosShared = { router, identity, github, stack };
  const { address } = stack;
  process.env.TEST_STACK = JSON.stringify({
    url: address.url,
    dataDir: address.dataDir,
    temporalAddress: address.temporalAddress,
    routerUrl: router.url,
    githubUrl: github.url,
  });
}
