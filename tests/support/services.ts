import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createActivities, type Activities } from '#activities/index.ts';
import type { Services } from '#activities/ports/services.ts';
import { loadConfig } from '#activities/services/config.ts';
import { createServices } from '#activities/services/index.ts';
import { shared } from './shared.ts';

/** The services of the shared stack, for late or repeated calls that an external client cannot cause. */
export async function stackServices(
  settings: {
    mail?: { smtp_url: string };
    sandbox?: { api_url: string };
  } = {},
): Promise<Services & { activities: Activities }> {
  const config = loadConfig(
    {
      data_dir: shared.dataDir,
      env: 'test',
      temporal: { address: shared.temporalAddress },
      model: { provider: 'anthropic', api_key: 'test-key-of-nobody', base_url: shared.routerUrl },
      server: { log_level: 'error' },
      ...settings,
    },
    {},
  );
  const services = await createServices(config, { migrate: false });
  const activities = Object.fromEntries(
    Object.entries(createActivities(services)).map(([name, activity]) => [
      name,
      (input: never) =>
        new MockActivityEnvironment({ activityId: randomUUID() }).run(
          activity as (input: never) => Promise<unknown>,
          input,
        ),
    ]),
  );
  return { ...services, activities: activities as unknown as Activities };
}
