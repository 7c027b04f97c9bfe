/** The application: REST, live feed and web; with --worker the workers too, as the embedded stack runs it. */
import { writePrivate, installationSecret } from '#activities/services/secrets.ts';
import { ConfigError, choices, loadConfig } from '#activities/services/config.ts';
import { publicUrl, temporalAddress } from '#activities/services/addresses.ts';
import { createServices } from '#activities/services/index.ts';
import { observeStore, startTelemetry } from '#activities/services/telemetry.ts';
import { signInLinkFile } from '#activities/services/embedded.ts';
import { startWorkers } from '#temporal/worker.ts';
import { ensureSearchAttributes } from '#temporal/client.ts';
import { createApp } from './app.ts';
import { ensureOwner } from './owner.ts';
import { takeOutStoredTokens } from './usecases/repository-address.ts';
import { settleLostCalls } from './usecases/model-gateway.ts';
import { startAccepted } from './usecases/start-accepted.ts';
import { webPages } from './web.ts';

/** How often the server looks for work that a crashed server accepted and did not start. */
const startAcceptedEveryMs = 60_000;

try {
  const config = loadConfig();
  const endTelemetry = await startTelemetry(config);
  const services = await createServices(config);
  observeStore(services.store, services.log);
  const { log } = services;
  const embedded = choices(config).database?.embedded ?? false;
  if (!embedded)
    await ensureSearchAttributes(config, temporalAddress(config)).catch((error: unknown) =>
      log.warn({ error: String(error) }, 'could not register search attributes; an administrator has to register them'),
    );
  // Their code loads in a thread of its own, while the pages and the routes load in this one.
  const starting = process.argv.includes('--worker') ? startWorkers(services, temporalAddress(config)) : undefined;
  starting?.catch(() => undefined);
  const pages = await webPages(config);
  const app = createApp(services, {
    jwt_secret: installationSecret(config.data_dir, 'jwt', config.auth.jwt_secret),
    pages,
  });

  if (embedded) {
    const owner = await ensureOwner(services);
    const link = await app.auth.createLink(owner.user_id);
    writePrivate(signInLinkFile(config.data_dir), `${publicUrl(config)}/sign-in?token=${link}\n`);
  }

  const workers = await starting;
  await new Promise<void>((resolve, reject) => {
    app.server.once('error', reject);
    app.server.listen(config.server.port, config.server.host, () => resolve());
  });
  log.info({ url: publicUrl(config), worker: workers !== undefined }, 'ready');

  await takeOutStoredTokens(services).catch((error: unknown) =>
    log.warn({ error: String(error) }, 'tokens in the URLs of repositories could not be moved to the encrypted store'),
  );
  const startPending = () =>
    void startAccepted(services).catch((error: unknown) =>
      log.warn({ error: String(error) }, 'could not look for accepted work that has not started'),
    );
  startPending();
  const settleLost = () =>
    void settleLostCalls(services).catch((error: unknown) =>
      log.warn({ error: String(error) }, 'could not look for calls of the model that were lost with their process'),
    );
  settleLost();
  setInterval(settleLost, startAcceptedEveryMs).unref();
  const ensureSchedules = () =>
    void services.workflows.ensureSchedules().catch((error: unknown) => {
      log.warn({ error: String(error) }, 'the schedules of the platform could not be set up; trying again');
      setTimeout(ensureSchedules, startAcceptedEveryMs).unref();
    });
  ensureSchedules();
  setInterval(startPending, startAcceptedEveryMs).unref();

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    // Work that does not end in time continues when the application is back.
    setTimeout(() => process.exit(0), config.server.shutdown_timeout * 1000).unref();
    app.close();
    app.server.close();
    app.server.closeAllConnections();
    workers?.shutdown();
    await workers?.done.catch(() => undefined);
    await services.close();
    await endTelemetry();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  workers?.done.catch((error: unknown) => {
    log.error({ error: String(error) }, 'the workers stopped');
    process.exit(1);
  });
} catch (error) {
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') console.error(`Port ${port} is taken by another program. Set PORT to a free one.`);
  else console.error(error instanceof ConfigError || error instanceof Error ? error.message : error);
  if (!(error instanceof ConfigError) && code !== 'EADDRINUSE') console.error((error as Error).stack);
  process.exit(2);
}
