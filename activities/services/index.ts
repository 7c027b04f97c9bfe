import { mkdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { applyMigrations } from '#prisma/migrator.ts';
import { openDatabaseClient } from '#prisma/client.ts';
import { createStore } from '#prisma/store/index.ts';
import { createTemporalWorkflows } from '#temporal/client.ts';
import { createInProcessBus } from '../adapters/bus/in-process.ts';
import { createRedisBus } from '../adapters/bus/redis.ts';
import { createLocalCodeHost } from '../adapters/code-host/local.ts';
import { createLexicalEmbeddings } from '../adapters/embeddings/lexical.ts';
import { createAnthropicModel } from '../adapters/model/anthropic.ts';
import { toolNames } from '../tools/index.ts';
import { startRehearsalServer } from '../adapters/model/rehearsal/index.ts';
import { createRepositories } from '../adapters/repositories/git.ts';
import { createLocalSandbox } from '../adapters/sandbox/local.ts';
import type { ModelPort } from '../ports/model.ts';
import type { Services } from '../ports/services.ts';
import type { Store } from '../ports/store.ts';
import { watchRoom } from '../support/room.ts';
import { databaseUrl, publicUrl, temporalAddress } from './addresses.ts';
import { choices, environment, type Config } from './config.ts';
import { createLog } from './log.ts';
import { createRedactor } from './redact.ts';

async function chooseModel(config: Config): Promise<{ model: ModelPort; close: () => Promise<void> }> {
  const { model } = config;
  const common = { idle_timeout: model.idle_timeout, call_timeout: model.call_timeout };
  if (choices(config).model?.provider === 'anthropic') {
    return {
      model: createAnthropicModel({
        ...common,
        api_key: model.api_key ?? 'none',
        base_url: model.base_url,
        provider: 'anthropic',
        scripted: false,
      }),
      close: async () => undefined,
    };
  }
  const server = await startRehearsalServer({
    pace: model.rehearsal_pace,
    scenariosDir: model.rehearsal_scenarios,
    tools: toolNames,
  });
  return {
    model: createAnthropicModel({
      ...common,
      api_key: 'rehearsal',
      base_url: server.url,
      provider: 'rehearsal',
      scripted: true,
    }),
    close: () => server.close(),
  };
}

/** Pull requests of the local host are rows of ours: they are found and made there. */
function localRecords(store: Store, config: Config): Parameters<typeof createLocalCodeHost>[0]['records'] {
  const shown = (row: { provider_id: string | null; id: string; number: number; url: string; state: string }) => ({
    provider_id: row.provider_id ?? row.id,
    number: row.number,
    url: row.url,
    state: row.state as 'open' | 'merged' | 'closed',
  });
  return {
    find: async (projectId, branch) => {
      const row = await store.code.pullRequestOfBranch(projectId, branch);
      return row ? shown(row) : undefined;
    },
    create: async (project, request) => {
      const [kind, id] = request.business_key.split(':');
      const row = await store.code.openPullRequest(
        {
          organization_id: project.organization_id,
          project_id: project.id,
          spec_id: kind === 'spec' ? id : null,
          ticket_id: kind === 'ticket' ? id : null,
          ...request,
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
 * The one switch between embedded and real. Server, worker, seeds and tests all call it; the table of what it chose
 * is logged.
 * @param options.migrate brings the database to this version first.
 */
export async function createServices(config: Config, options: { migrate?: boolean } = {}): Promise<Services> {
  mkdirSync(config.data_dir, { recursive: true });
  const log = createLog(config.server.log_level);
  const room = watchRoom(config.data_dir, config.sandbox.disk_reserve_mb, log);
  if (options.migrate !== false) {
    const applied = await applyMigrations(databaseUrl(config));
    if (applied.length > 0) log.info({ migrations: applied }, 'database brought to this version');
  }
  const bus = config.redis.url
    ? createRedisBus(config.redis.url, (error) =>
        log.warn({ error: error.message }, 'redis is away: live updates wait, nothing is lost'),
      )
    : createInProcessBus();
  const store = createStore(openDatabaseClient({ ...config.database, url: databaseUrl(config) }), {
    notify: (organizationId) => bus.publish('events', { organization_id: organizationId }),
    alert_threshold: config.billing.alert_threshold,
    critical_threshold: config.billing.critical_threshold,
  });
  const repositories = createRepositories({
    dataDir: config.data_dir,
    roots: config.repo_roots ?? (choices(config).database?.embedded ? undefined : []),
    environment,
  });
  // Sandboxes of this adapter live where their data folder is: the queue of their activities is named after it.
  const host = createHash('sha256').update(`${hostname()}:${config.data_dir}`).digest('hex').slice(0, 12);
  const sandbox = await createLocalSandbox({ dataDir: config.data_dir, gitDirOf: repositories.gitDir, host });
  const chosen = await chooseModel(config);
  const workflows = await createTemporalWorkflows(config, temporalAddress(config));
  const codeHost = createLocalCodeHost({ repositories, records: localRecords(store, config) });
  log.info(
    {
      choices: Object.fromEntries(Object.entries(choices(config)).map(([part, choice]) => [part, choice.provider])),
      isolated: sandbox.isolated,
    },
    'parts chosen',
  );
  return {
    config,
    log,
    room,
    store,
    bus,
    model: chosen.model,
    sandbox,
    repositories,
    codeHost,
    workflows,
    embeddings: createLexicalEmbeddings(),
    redact: createRedactor([
      config.model.api_key,
      config.auth.jwt_secret,
      config.auth.secrets_key,
      config.temporal.api_key,
      passwordOf(config.database.url),
      passwordOf(config.redis.url),
    ]),
    close: async () => {
      room.close();
      await workflows.close();
      await chosen.close();
      await bus.close();
      await store.close();
    },
  };
}

function passwordOf(url: string | undefined): string | undefined {
  try {
    return url ? decodeURIComponent(new URL(url).password) || undefined : undefined;
  } catch {
    return undefined;
  }
}
