import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { createLexicalEmbeddings } from '#activities/adapters/embeddings/lexical.ts';
import { createEmbedder } from '#activities/services/embedder.ts';
import type { Embedder, EmbeddingsPort } from '#activities/ports/embeddings.ts';
import type { Store } from '#activities/ports/store.ts';
import { applyMigrations } from '#prisma/migrator.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { newPlace, openStore } from './own-store.ts';
import { startStubApp, user } from './stub-app.ts';

/** A log that keeps nothing. */
const unsaid = () => undefined;
export const silent = { debug: unsaid, info: unsaid, warn: unsaid, error: unsaid };

/** The embeddings of a provider on a store; a model of earlier vectors can be asked where it is lexical. */
export const embedderOf = (port: EmbeddingsPort, store: Store) =>
  createEmbedder({
    port,
    byModel: (name) => Promise.resolve(name === 'lexical' ? { port: createLexicalEmbeddings() } : undefined),
    store,
    redact: (text) => text,
    log: silent,
    pricing: { cache_ttl: '5m' },
  });

/** The REST interface on a database of its own, as on an installation where no workflow runs. */
export class OwnServer {
  /** The role of the next callers, with its permissions. */
  grants = { role: 'owner', permissions: ['*:*'] };
  /** Commits of its repositories. */
  readonly commits: { sha: string }[] = [];
  /** Of the organization. */
  settings: object = {};
  /** Projects whose checks were asked for. */
  readonly watched: string[] = [];
  /** Inputs of the plans that were started. */
  readonly plans: object[] = [];
  private constructor(
    readonly store: Store,
    readonly embeddings: Embedder,
    readonly place: Awaited<ReturnType<typeof newPlace>>,
    readonly databaseUrl: string,
    private readonly end: () => Promise<void>,
    /** Changes rows as time does. */
    readonly sql: (text: string) => Promise<unknown>,
  ) {}
  private app!: Awaited<ReturnType<typeof startStubApp>>;

  /** @param parts what a test adds, made of the server's store. */
  static async start(
    name: string,
    embeddings: EmbeddingsPort = createLexicalEmbeddings(),
    parts: (store: Store) => { services?: object; workflows?: object } = () => ({}),
  ): Promise<OwnServer> {
    const folder = await mkdtemp(path.join(tmpdir(), `omoios-${name}-`));
    const database = await openDatabase({ socketDir: folder, dataDir: path.join(folder, 'data') });
    await applyMigrations(database.url);
    const store = openStore(database.url);
    const embedder = embedderOf(embeddings, store);
    const sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    const end = async () => {
      server.app.close();
      await sql.end();
      await store.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    };
    const server: OwnServer = new OwnServer(store, embedder, await newPlace(store, name), database.url, end, (text) =>
      sql.query(text),
    );
    const { identity: _identity, ...records } = store;
    const added = parts({
      ...store,
      identity: { ...store.identity, organization: () => Promise.resolve({ settings: server.settings } as never) },
    });
    const organization_id = server.place.organization.id;
    const key = { id: 'k', user_id: server.place.owner.id, user, is_active: true, scopes: ['*:*'], organization_id };
    const refused = () => Promise.reject(new AppError('conflict', 'No workflow runs.'));
    server.app = await startStubApp(records, {
      services: {
        embeddings: embedder,
        repositories: {
          inspect: () => Promise.resolve({ dirty: false }),
          commit: (_project: string, text: string) =>
            Promise.resolve(server.commits.find(({ sha }) => sha.startsWith(text))),
        },
        model: { name: 'claude-sonnet-5-5', refusal: () => undefined },
        ...added.services,
      },
      identity: {
        claimRequest: store.identity.claimRequest,
        answerRequest: store.identity.answerRequest,
        forgetRequest: store.identity.forgetRequest,
        organization: () => Promise.resolve({ settings: server.settings }),
        keyByHash: () => Promise.resolve(key),
        grantsOf: () => Promise.resolve([{ organization_id, ...server.grants }]),
      },
      workflows: {
        update: refused,
        query: refused,
        signalIfRunning: () => Promise.resolve(false),
        isRunning: () => Promise.resolve(false),
        state: () => Promise.resolve({ running: false, task_attempt: 0, step_attempt: 0 }),
        startTicket: () => Promise.resolve('started'),
        startSpec: (input: object) => {
          server.plans.push(input);
          return Promise.resolve('started');
        },
        watchAgents: () => Promise.resolve(),
        startAlertDelivery: () => Promise.resolve('started'),
        startDiagnostic: () => Promise.resolve('started'),
        ensureWatchers: ({ project_id }: { project_id: string }) => Promise.resolve(server.watched.push(project_id)),
        ...added.workflows,
      },
    });
    return server;
  }

  /** Its origin. */
  get url(): string {
    return this.app.url;
  }

  /** @param key of a registered agent; by default an owner calls. @param repeated the Idempotency-Key. */
  async request(method: string, address: string, body?: object, key = 'sk_live_x', repeated?: string) {
    const response = await fetch(`${this.app.url}/api/v1${address}`, {
      method,
      headers: {
        ...{ authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(repeated ? { 'idempotency-key': repeated } : {}),
      },
      body: body && JSON.stringify(body),
    });
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- an answer of any call
    const answer = (await response.json().catch(() => undefined)) as any;
    return { status: response.status, body: answer };
  }

  close = () => this.end();
}
