import { loadConfig, environment } from '#activities/services/config.ts';
import { createServices } from '#activities/services/index.ts';
import type { Services } from '#activities/ports/services.ts';
import { programArguments } from '#scripts/supervisor/programs.ts';
import { Api } from '#tests/support/api.ts';
import { PlayedModel } from '#tests/support/played-model.ts';
import { freePorts, TestStack } from '#tests/support/stack.ts';
import { StripeStub } from '#tests/support/stripe.ts';
import { LoneProcess } from './deployment.ts';
import { newDatabase, redisUrl } from './services.ts';

export interface ServerPair {
  /** Where each of the two servers answers. */
  urls: readonly [string, string];
  /** The services of a third process, for what no caller can see. */
  services: Services;
  databaseUrl: string;
  stripe: StripeStub;
  stop(): Promise<void>;
}

/** Two servers on one PostgreSQL and one Redis, as behind a load balancer. The first one works too. */
export async function startServerPair(): Promise<ServerPair> {
  // What ends each thing that was begun, the newest first.
  const ends: (() => unknown)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0)) await end();
  };
  try {
    const database = await newDatabase();
    ends.unshift(() => database.drop());
    const stripe = await new StripeStub().start();
    ends.unshift(() => stripe.stop());
    const model = await new PlayedModel(() => ({ hang: true })).start();
    ends.unshift(() => model.stop());
    const stack = await TestStack.start({
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl(),
      OMOIOS_SERVER_WEB: 'build',
      MODEL_PROVIDER: 'anthropic',
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'test-key-of-nobody',
      OMOIOS_REPO_ROOTS: '/',
      ...stripe.env,
    });
    ends.unshift(() => stack.stop());
    const [port = 0] = await freePorts(1);
    const { url: first, env: given } = stack.address;
    const env = { ...given, PORT: String(port), TEMPORAL_ADDRESS: stack.address.temporalAddress };
    const second = new LoneProcess(
      [process.execPath, ...programArguments('server/main', false)],
      { ...environment, ...env, OMOIOS_SERVER_LOG_LEVEL: 'info' },
      (said) => said.includes('"msg":"ready"'),
    );
    ends.unshift(() => second.kill('SIGTERM'));
    await second.start();
    const services = await createServices(loadConfig({ server: { log_level: 'error' } }, env), { migrate: false });
    ends.unshift(() => services.close());
    return { urls: [first, `http://127.0.0.1:${port}`], services, databaseUrl: database.url, stripe, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A caller with one credential on both servers. */
export const onBoth = ({ urls }: ServerPair, key?: string) => urls.map((url) => new Api(url, key)) as [Api, Api];
