import { mkdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { billingRules } from '#workflows/domain/billing/plans.ts';
import { configuredModels } from '#workflows/domain/agent/models.ts';
import { applyMigrations } from '#prisma/migrator.ts';
import { createTemporalWorkflows } from '#temporal/client.ts';
import { createInProcessBus } from '../adapters/bus/in-process.ts';
import { createRedisBus } from '../adapters/bus/redis.ts';
import { codeHostProviders, type CodeHostParts } from '../adapters/code-host/index.ts';
import { createGithubApp } from '../adapters/code-host/github-app.ts';
import { createGithub } from '../adapters/code-host/github-people.ts';
import { embeddingsOf, embeddingsProviders } from '../adapters/embeddings/index.ts';
import { createEmbedder } from './embedder.ts';
import { identityProviders } from '../adapters/identity-provider/index.ts';
import type { Created, Providers } from '../adapters/provider.ts';
import { createMcp } from '../adapters/mcp/index.ts';
import { mailProviders } from '../adapters/mail/index.ts';
import { openMachine } from '../adapters/machine/index.ts';
import { sandboxProviders } from '../adapters/sandbox/index.ts';
import type { Analytics } from '../adapters/telemetry/posthog.ts';
import type { Services } from '../ports/services.ts';
import type { Store } from '../ports/store.ts';
import { watchDisk } from '../support/disk-guard.ts';
import { toolNames } from '../tools/index.ts';
import { accountTokens } from './account-tokens.ts';
import { apiUrl, databaseUrl, publicUrl, temporalAddress } from './addresses.ts';
import { choices, environment, type Choice, type Config } from './config.ts';
import { secretsOf } from './config-schema.ts';
import { withRebuiltMirrors } from './deleted-mirrors.ts';
import { createLog } from './log.ts';
import { createModelPermits } from './model-permits.ts';
import { createModels } from './model-providers.ts';
import { createOutgoing } from './outgoing.ts';
import { openStore } from './open-store.ts';
import { withOwnKeys } from './own-model-keys.ts';
import { createRedactor } from './redact.ts';
import { redactedModel } from './redact-ports.ts';
import { rememberingCommits } from './remembered-commits.ts';
import { machineServes, repositoryAccess, webhookSecrets, withAccess } from './repository-access.ts';
import { openSecretBox } from './secret-box.ts';
import { measuredModel } from './telemetry.ts';
import { version } from './version.ts';

/** Creates the provider that the settings choose. */
async function create<Port, Parts>(
  providers: Providers<Port, Parts>,
  choice: Choice | undefined,
  parts: Parts,
): Promise<Created<Port>> {
  const provider = providers[choice?.provider ?? ''];
  if (!provider) throw new Error(`${choice?.setting}: there is no provider ${choice?.provider}.`);
  return provider.create(parts);
}

/** Finds and stores pull requests of the local code host in the platform's own table. */
function localRecords(store: Store, config: Config): CodeHostParts['records'] {
  const shown = (row: { provider_id: string | null; id: string; number: number; url: string; state: string }) => ({
    provider: 'local',
    provider_id: row.provider_id ?? row.id,
    number: row.number,
    url: row.url,
    state: row.state as 'open' | 'merged' | 'closed',
  });
  return {
    find: async (projectId, branch) => {
      const row = await store.pullRequests.ofBranch(projectId, branch);
      return row ? shown(row) : undefined;
    },
    create: async (project, request) => {
      const [kind, id] = request.business_key.split(':');
      const row = await store.pullRequests.open(
        {
          organization_id: project.organization_id,
          project_id: project.id,
          ...request,
          ticket_id: kind === 'ticket' ? id : null,
          base_sha: request.base_sha ?? request.head_sha,
          provider: 'local',
          checks: [],
        },
        { url: (_number, rowId) => `${publicUrl(config)}/pull-requests/${rowId}` },
      );
      return shown(row);
    },
  };
}

/**
 * Creates all services, embedded or real as the settings choose, and logs the choice. Server, worker, seeds and tests
 * all call it.
 * @param options.migrate migrates the database to this version first.
 */
export async function createServices(config: Config, options: { migrate?: boolean } = {}): Promise<Services> {
  mkdirSync(config.data_dir, { recursive: true });
  const redact = createRedactor([
    ...secretsOf(config),
    passwordOf(config.database.url),
    passwordOf(config.redis.url),
    passwordOf(config.mail.smtp_url),
  ]);
  const { telemetry } = config;
  // Loaded where they are used, like the other vendors' packages.
  const reports = telemetry.sentry_dsn
    ? (await import('../adapters/telemetry/sentry.ts')).createErrorReports({
        dsn: telemetry.sentry_dsn,
        environment: config.env,
        release: version,
        redact,
      })
    : undefined;
  const log = createLog(config.server.log_level, reports?.report);
  const analytics = telemetry.posthog_api_key
    ? (await import('../adapters/telemetry/posthog.ts')).createAnalytics({
        key: telemetry.posthog_api_key,
        host: telemetry.posthog_host,
        failed: (error) => log.warn({ error: String(error) }, 'PostHog did not take what people use'),
      })
    : undefined;
  const disk = watchDisk(config.data_dir, config.sandbox.disk_reserve_mb, log);
  if (options.migrate !== false) {
    const applied = await applyMigrations(databaseUrl(config));
    if (applied.length > 0) log.info({ migrations: applied }, 'database migrated');
  }
  const bus = config.redis.url
    ? createRedisBus(config.redis.url, (error) =>
        log.warn(
          { error: error.message },
          'Redis does not answer: live updates wait until it does, and no data is lost',
        ),
      )
    : createInProcessBus();
  let tellOfNotices: (organizationId: string) => void = () => undefined;
  const opened = openStore(config, log, redact, {
    notify: (organizationId, told) => {
      bus.publish('events', { organization_id: organizationId });
      if (told) tellOfNotices(organizationId);
    },
    published: analytics?.published,
  });
  const store = analytics ? countingPeople(opened, analytics) : opened;
  const chosen = choices(config);
  const machine = openMachine({
    dataDir: config.data_dir,
    // A sandbox is in the data folder of one machine, so the task queue of its activities is named after both.
    host: createHash('sha256').update(`${hostname()}:${config.data_dir}`).digest('hex').slice(0, 12),
    packageSettings: config.sandbox.package_settings,
    networkAllow: config.sandbox.network_allow,
    sdk: config.run.sdk_folder || undefined,
    apiUrl: apiUrl(config),
    setups: {
      max_mb: config.sandbox.setups_mb,
      max_age: config.sandbox.setups_age,
      reserve_mb: config.sandbox.disk_reserve_mb,
    },
  });
  const secrets = openSecretBox(config);
  const app = createGithubApp(config, environment);
  const signIns = identityProviders(config.oauth);
  const tokenOfAccount = accountTokens(store, secrets, signIns);
  const accessOf = repositoryAccess(config, store, secrets, { app, tokenOfAccount });
  const reached = withAccess(machine.repositories, accessOf);
  const repositories = rememberingCommits(withRebuiltMirrors(reached, store, log));
  const sandbox = await create(sandboxProviders, chosen.sandbox, { machine, config });
  const modelParts = { config, toolNames, environment };
  const model = await createModels(chosen.model?.provider ?? '', modelParts);
  const outgoing = createOutgoing({ allow: config.outbound.allow });
  const ownKeys = { store, secrets, outgoing, rules: billingRules(config.billing), isolated: sandbox.port.isolated };
  const permits = createModelPermits(store, config.model.concurrent_calls);
  const embeddings = await create(embeddingsProviders, chosen.embeddings, { config, environment });
  const mail = await create(mailProviders, chosen.mail, { config });
  const workflows = await createTemporalWorkflows(config, temporalAddress(config), redact);
  // The servers look for what waits now and then, so that nothing is lost where this fails.
  tellOfNotices = (organizationId) =>
    void workflows.tellOfNotices(organizationId).catch((error: unknown) => {
      log.warn({ organization_id: organizationId, error: String(error) }, 'notices wait: their workflow has no signal');
    });
  const records = localRecords(store, config);
  // Loaded where it is used, like the other vendors' packages.
  const payments = config.stripe.api_key
    ? (await import('../adapters/payments/stripe.ts')).stripePayments(config.stripe)
    : undefined;
  const codeHost = await create(codeHostProviders, chosen.code_host, {
    config,
    environment,
    accessOf,
    secretsOf: webhookSecrets(store, secrets),
    markSecret: secrets.derive('marks at the code host'),
    repositories,
    records,
  });
  log.info(
    {
      choices: Object.fromEntries(Object.entries(chosen).map(([part, choice]) => [part, choice.provider])),
      isolated: sandbox.port.isolated,
    },
    'parts chosen',
  );
  for (const { setting, facts, notice } of configuredModels(config.model, new Date()))
    if (notice) log.warn({ setting, model: facts.id }, `the model ${facts.id} ${notice}`);
  return {
    config,
    log,
    disk,
    store,
    bus,
    model: measuredModel(redactedModel(withOwnKeys(model.port, { ...modelParts, ...ownKeys }), redact)),
    permits,
    sandbox: sandbox.port,
    repositories,
    codeHost: codeHost.port,
    github: createGithub(config, environment, {
      opens_pull_requests: chosen.code_host?.provider === 'github',
      serves: machineServes(config),
      app,
      accessOf,
      tokenOfAccount,
    }),
    workflows,
    secrets,
    outgoing,
    mcp: createMcp({ outgoing, version }),
    embeddings: createEmbedder({
      port: embeddings.port,
      byModel: (name) => embeddingsOf(name, { config, environment }),
      ...{ store, redact, log },
      pricing: { ...config.model, cache_ttl: '5m' },
    }),
    identityProviders: signIns,
    mail: mail.port,
    ...(payments ? { payments } : {}),
    redact,
    close: async () => {
      disk.close();
      permits.close();
      await workflows.close();
      for (const part of [codeHost, embeddings, mail, model, sandbox, machine]) await part.close?.();
      await outgoing.close();
      await bus.close();
      await store.close();
      await analytics?.close();
      await reports?.close();
    },
  };
}

/** A store that counts new accounts and sign-ins. */
const countingPeople = (store: Store, analytics: Analytics): Store => ({
  ...store,
  identity: {
    ...store.identity,
    createUser: async (user) => {
      const created = await store.identity.createUser(user);
      analytics.person('user_created', created.id);
      return created;
    },
    audit: async (event, about, details) => {
      await store.identity.audit(event, about, details);
      if (event === 'login_success' && about.user_id) analytics.person('user_signed_in', about.user_id);
    },
  },
});

function passwordOf(url: string | undefined): string | undefined {
  try {
    return url ? decodeURIComponent(new URL(url).password) || undefined : undefined;
  } catch {
    return undefined;
  }
}
