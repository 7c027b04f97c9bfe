import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { databaseDir, runDir } from '#activities/services/embedded.ts';
import { applyMigrations } from '#prisma/migrator.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { query } from '#tests/real/services.ts';
import { TestStack } from '#tests/support/stack.ts';
import { processesAt } from './leftovers.ts';

describe('bad surroundings', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = path.join(mkdtempSync(path.join(tmpdir(), 'omoios-bad-')), 'data');
  });
  afterEach(() => rmSync(path.dirname(dataDir), { recursive: true, force: true }));

  /** The output of a start that cannot succeed; it must leave nothing running. */
  async function refusal(env: Record<string, string>, command?: string[]): Promise<string> {
    const said = await TestStack.start(env, { dataDir, command }).then(
      async (stack) => {
        await stack.stop({ keep: true });
        return 'It started.';
      },
      (error: unknown) => String(error),
    );
    expect(said).toMatch(/ended with [1-9]/);
    expect(processesAt(dataDir)).toEqual([]);
    return said;
  }

  test('[CONF-01] an unknown setting is named, and the folder is not touched', async () => {
    expect(await refusal({ OMOIOS_RUN_MAX_TRUNS: '3' })).toMatch(
      /OMOIOS_RUN_MAX_TRUNS is not a setting.*\.env\.example/,
    );
    expect(existsSync(dataDir)).toBe(false);
  });

  test('[CONF-01] a value that cannot be is named with its setting', async () => {
    const said = await refusal({ PORT: 'tomorrow', OMOIOS_RUN_MAX_USD: '-1' });
    expect(said).toMatch(/PORT: /);
    expect(said).toMatch(/OMOIOS_RUN_MAX_USD: /);
    expect(existsSync(dataDir)).toBe(false);
  });

  test('[CONF-01] a file of settings that is broken, or says what cannot be, is named with its line and what to do', async () => {
    const folder = path.join(path.dirname(dataDir), 'config');
    mkdirSync(folder);
    const inFile = async (text: string, command: string[]) => {
      writeFileSync(path.join(folder, 'test.yaml'), text);
      const said = await refusal({ OMOIOS_CONFIG_DIR: folder }, command);
      expect(said).toMatch(/ended with 2:/);
      expect(said).not.toMatch(/\n\s+at /);
      expect(existsSync(dataDir)).toBe(false);
      return said;
    };
    const file = `${folder}/test.yaml`.replaceAll('.', '\\.');
    for (const command of [['start'], ['demo', '--once']]) {
      expect(await inFile('server:\n  log_level: warn\n  web: [build\nrun:\n  max_turns: 9\n', command)).toMatch(
        new RegExp(`${file} cannot be read as YAML, line 4: .+ Fix that line, or remove the file`),
      );
      expect(await inFile('# turns\nrun:\n  max_usd: 3\n  max_turns: many\n', command)).toMatch(
        new RegExp(`${file}, line 4: run\\.max_turns: .*number`),
      );
      expect(await inFile('run:\n\n  max_trns: 9\n', command)).toMatch(
        new RegExp(`${file}, line 3: run\\.max_trns is not a setting\\. Remove it;`),
      );
      expect(await inFile('- run\n', command)).toMatch(
        new RegExp(`${file}, line 1: the file must be a map of sections`),
      );
    }
    expect(await refusal({ OMOIOS_CONFIG_DIR: path.join(folder, 'nowhere') })).toMatch(
      /OMOIOS_CONFIG_DIR: there is no folder .*nowhere\. Point it at the folder/,
    );
  });

  test('a taken port is named with who has it and the setting that chooses another', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    expect(await refusal({ PORT: String(port) })).toMatch(new RegExp(`Port ${port} is in use by .*PORT`));
    expect(await refusal({ TEMPORAL_PORT: String(port) })).toMatch(
      new RegExp(`Port ${port} is in use by .*TEMPORAL_PORT`),
    );
    taken.close();
  });

  test('a disk without space is reported before anything is started', async () => {
    expect(await refusal({ OMOIOS_SANDBOX_DISK_RESERVE_MB: '999999999' })).toMatch(
      /has \d+ MB free\. OmoiOS needs 999999999 MB to start\. Free some space, or set OMOIOS_DATA_DIR/,
    );
    expect(existsSync(databaseDir(dataDir))).toBe(false);
  });

  test('a Temporal program that does not run is named with its setting', async () => {
    expect(await refusal({ TEMPORAL_CLI: '/nowhere/temporal' })).toMatch(
      /TEMPORAL_CLI is \/nowhere\/temporal, which does not run\. Point it at/,
    );
  });

  test('a database that a newer version wrote is refused by name and left as it is', async () => {
    const before = await openDatabase({ dataDir: databaseDir(dataDir), socketDir: runDir(dataDir) });
    await applyMigrations(before.url);
    await query(
      before.url,
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ('x', 'x', '29990101000000_from_tomorrow', now(), 1)",
    );
    await before.close();
    expect(await refusal({})).toMatch(/written by a newer OmoiOS.*29990101000000_from_tomorrow.*Nothing was changed/s);
  });
});
