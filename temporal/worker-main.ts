/** A worker process on its own. Production runs any number of them. */
import { loadConfig } from '#activities/services/config.ts';
import { temporalAddress } from '#activities/services/addresses.ts';
import { createServices } from '#activities/services/index.ts';
import { startTelemetry } from '#activities/services/telemetry.ts';
import { startWorkers } from './worker.ts';

try {
  const config = loadConfig();
  const endTelemetry = await startTelemetry(config);
  const services = await createServices(config);
  const workers = await startWorkers(services, temporalAddress(config));
  services.log.info({}, 'working');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => workers.shutdown());
  await workers.done;
  await services.close();
  await endTelemetry();
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
