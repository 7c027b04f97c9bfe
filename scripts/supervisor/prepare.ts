import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { environment, rootDir, type Config } from '#activities/services/config.ts';
import { obtainTemporal } from '#temporal/dev-server.ts';
import { compiledDir } from './programs.ts';
import { step, whenChanged } from './steps.ts';
import { cutEnd } from '#workflows/domain/text.ts';

/**
 * Runs a program in the checkout and waits until it ends.
 * @throws Error with the end of its output when it fails.
 */
export function run(command: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: rootDir,
      env: { ...environment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (output = cutEnd(output + chunk, 4000)));
    child
      .on('error', reject)
      .on('exit', (code) =>
        code === 0
          ? resolve()
          : reject(new Error(`${command} ${args[0]} failed with exit code ${code}:\n${output.trim()}`)),
      );
  });
}

const bin = (name: string) => path.join(rootDir, 'node_modules/.bin', name);

/**
 * Builds everything that a start needs. When nothing changed it costs a hash of the sources.
 * With `stack: false` it builds only what tests without a stack need: neither the pages nor Temporal.
 */
export async function prepare(config: Config, options = { stack: true }): Promise<{ temporal?: string }> {
  linkCommand();
  // Generating needs no native engine; without this setting the Prisma CLI would download one.
  await whenChanged(
    {
      title: 'database client',
      inputs: ['prisma/schema.prisma', 'node_modules/prisma/package.json'],
      output: 'prisma/generated/client.ts',
    },
    () =>
      run(bin('prisma'), ['generate', '--schema', 'prisma/schema.prisma'], {
        PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
      }),
  );
  await whenChanged(
    {
      title: 'workflow bundle',
      inputs: [
        'workflows',
        'temporal/payloads.cjs',
        'temporal/interceptors',
        'temporal/bundle.ts',
        'temporal/bundle-main.ts',
      ],
      output: '.cache/workflows.js',
    },
    () => run(bin('tsx'), ['temporal/bundle-main.ts']),
  );
  await whenChanged(
    {
      title: 'programs',
      inputs: ['activities', 'server', 'prisma', 'temporal', 'workflows', 'scripts/supervisor', 'package-lock.json'],
      output: path.join(compiledDir, 'server/main.js'),
    },
    () => run(bin('tsx'), ['scripts/supervisor/compile.ts']),
  );
  // An installation that is not embedded, such as the image, needs none.
  if (!config.database.url && !config.temporal.address)
    await whenChanged(
      {
        title: 'empty database',
        inputs: [
          'prisma/migrations',
          'prisma/migrator.ts',
          'scripts/supervisor/database-server.ts',
          'scripts/supervisor/empty-database.ts',
          'node_modules/@electric-sql/pglite/package.json',
          'node_modules/@electric-sql/pglite-pgvector/package.json',
        ],
        output: '.cache/empty-database/PG_VERSION',
      },
      () => run(bin('tsx'), ['scripts/supervisor/empty-database.ts']),
    );
  if (!options.stack) return {};
  if (config.server.web === 'build') {
    await whenChanged(
      {
        title: 'web app',
        inputs: ['web', 'server/contracts', 'workflows/domain', 'workflows/contracts', 'package-lock.json'],
        output: 'web/build/server/index.js',
      },
      buildWeb,
    );
  }
  if (config.temporal.address) return {};
  const temporal = await step(
    'Temporal server program',
    (say) => obtainTemporal({ cli: config.temporal.cli, dataDir: config.data_dir, env: environment, say }),
    true,
  );
  return { temporal };
}

const day = 86_400_000;

/**
 * Builds the pages in a second folder, then moves it into place: a start at the same time finds either build.
 * A running application continues to serve the pages it started with, so their assets are kept for a day.
 */
async function buildWeb(): Promise<void> {
  const [place, next] = [path.join(rootDir, 'web/build'), path.join(rootDir, 'web/build.next')];
  await run(bin('remix'), ['vite:build', '--config', 'web/vite.config.ts'], { WEB_BUILD_DIRECTORY: 'web/build.next' });
  const [known, fresh] = [path.join(place, 'client/assets'), path.join(next, 'client/assets')];
  const recent = (file: string) => Date.now() - statSync(file).mtimeMs < day;
  if (existsSync(known))
    cpSync(known, fresh, {
      recursive: true,
      force: false,
      preserveTimestamps: true,
      filter: (file) => file === known || recent(file),
    });
  rmSync(place, { recursive: true, force: true });
  renameSync(next, place);
}

/** Makes `npx omoios` find this checkout's command without asking a registry. */
function linkCommand(): void {
  const link = bin('omoios');
  if (existsSync(link)) return;
  mkdirSync(path.dirname(link), { recursive: true });
  try {
    symlinkSync('../../scripts/cli/omoios.js', link);
  } catch {
    // Two starts at once: the other one made the link.
  }
}
