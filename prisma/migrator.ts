import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engineBindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { DiffTarget, SchemaEngine, SchemaFilter } from '@prisma/schema-engine-wasm';
import pg from 'pg';

const here = import.meta.dirname;
const migrationsDir = path.join(here, 'migrations');
const schemaPath = path.join(here, 'schema.prisma');

/** Milliseconds to wait for another process that migrates. */
const maxWaitMs = 300_000;

const noFilter: SchemaFilter = { externalTables: [], externalEnums: [] };

/** The only call used here. The full types of WebAssembly come with those of the DOM, which only the pages include. */
declare const WebAssembly: {
  instantiate(source: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

// The package has no types for its bindings.
const bindings = engineBindings as unknown as {
  __wbg_set_wasm(exports: unknown): void;
  SchemaEngine: { new: (options: unknown, log: (line: string) => void, adapter: object) => Promise<SchemaEngine> };
};

let wasmReady: Promise<void> | undefined;

// The package's entry imports its .wasm as a module, which Node supports only with a flag.
function loadWasm(): Promise<void> {
  wasmReady ??= (async () => {
    const file = createRequire(import.meta.url)
      .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
      .replace(/\.js$/, '.wasm');
    const { instance } = await WebAssembly.instantiate(await readFile(file), {
      './schema_engine_bg.js': engineBindings,
    });
    bindings.__wbg_set_wasm(instance.exports);
    (instance.exports.__wbindgen_start as () => void)();
  })();
  return wasmReady;
}

/**
 * Gives the engine a connection and closes it afterwards. The engine takes a lock on it that ends with the session;
 * another process that starts waits for the lock.
 */
async function withEngine<T>(databaseUrl: string, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  await loadWasm();
  const { SchemaEngine: Engine } = bindings;
  const schema = await readFile(schemaPath, 'utf8');
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  try {
    const engine = await Engine.new(
      { datamodels: [[schemaPath, schema]] },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool)),
    );
    try {
      return await work(engine);
    } finally {
      engine.free();
    }
  } finally {
    await pool.end();
  }
}

async function migrationsList() {
  const names = (await readdir(migrationsDir, { withFileTypes: true }))
    .filter((e) => e.isDirectory())
    .map((e) => e.name)
    .sort();
  const migrationDirectories = await Promise.all(
    names.map(async (name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: await readFile(path.join(migrationsDir, name, 'migration.sql'), 'utf8') },
      },
    })),
  );
  const lock = await readFile(path.join(migrationsDir, 'migration_lock.toml'), 'utf8');
  return {
    baseDir: migrationsDir,
    lockfile: { path: 'migration_lock.toml', content: lock },
    migrationDirectories,
    shadowDbInitScript: '',
  };
}

export class NewerDatabaseError extends Error {
  constructor(readonly unknown: string[]) {
    super(
      `The database was written by a newer OmoiOS: this version does not know its migration ${unknown.join(', ')}. ` +
        'Start the newer version, or point DATABASE_URL or OMOIOS_DATA_DIR at another database. Nothing was changed.',
    );
  }
}

/** Names of migrations recorded as finished in the database, oldest first; [] for an empty database. */
export async function appliedMigrations(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query(`SELECT to_regclass('_prisma_migrations') AS found`);
    if (!tables[0].found) return [];
    const { rows } = await client.query<{ migration_name: string }>(
      'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name',
    );
    return rows.map((row) => row.migration_name);
  } finally {
    await client.end();
  }
}

/** Names of the migrations in this checkout that the database does not have. */
export async function pendingMigrations(databaseUrl: string): Promise<string[]> {
  const applied = new Set(await appliedMigrations(databaseUrl));
  return (await migrationsList()).migrationDirectories.map((m) => m.path).filter((name) => !applied.has(name));
}

/**
 * Migrates the database to this checkout's schema, on PostgreSQL and on PGlite. It records the same rows as
 * `prisma migrate deploy`, and does nothing when the schema is current.
 * @returns the names of the migrations applied now.
 * @throws NewerDatabaseError when the database has a migration that this checkout does not have.
 */
export async function applyMigrations(databaseUrl: string): Promise<string[]> {
  const list = await migrationsList();
  const known = new Set(list.migrationDirectories.map((m) => m.path));
  for (const began = Date.now(); ;) {
    const applied = await appliedMigrations(databaseUrl);
    const unknown = applied.filter((name) => !known.has(name));
    if (unknown.length > 0) throw new NewerDatabaseError(unknown);
    // The engine takes a second to load, so a start without pending migrations skips it.
    if (applied.length === known.size) return [];
    try {
      const { appliedMigrationNames } = await withEngine(databaseUrl, (engine) =>
        engine.applyMigrations({ migrationsList: list, filters: noFilter }),
      );
      return appliedMigrationNames;
    } catch (error) {
      // Another process applies migrations: read the pending ones again.
      if (!/advisory lock/.test(String(error)) || Date.now() - began > maxWaitMs) throw error;
    }
  }
}

/**
 * The SQL that migrates a database from an older schema to schema.prisma.
 * @param scratchUrl any database: the engine needs a connection to start, but compares only the two texts.
 */
export async function diffToSchema(older: string, scratchUrl: string): Promise<string> {
  const target = (content: string): DiffTarget => ({ tag: 'schemaDatamodel', files: [{ path: schemaPath, content }] });
  const newer = await readFile(schemaPath, 'utf8');
  const { stdout } = await withEngine(scratchUrl, (engine) =>
    engine.diff({ from: target(older), to: target(newer), script: true, exitCode: null, filters: noFilter }),
  );
  return stdout ?? '';
}
