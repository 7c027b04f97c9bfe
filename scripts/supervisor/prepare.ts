import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { environment, rootDir, type Config } from '#activities/services/config.ts';
import { obtainTemporal } from '#temporal/dev-server.ts';
import { step, whenChanged } from './steps.ts';

/** Runs a program of the checkout to its end; its last words become the error. */
export function run(command: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: rootDir,
      env: { ...environment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-4000)));
    child
      .on('error', reject)
      .on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`${command} ${args[0]} ended with ${code}:\n${said.trim()}`)),
      );
  });
}

const bin = (name: string) => path.join(rootDir, 'node_modules/.bin', name);

/**
 * Everything a start needs that can be made beforehand. Repeating it costs a hash of the sources.
 * Tests without a stack need only what is generated from sources: with `stack: false` pages and Temporal are left out.
 */
export async function prepare(config: Config, options = { stack: true }): Promise<{ temporal?: string }> {
  linkCommand();
  // The Prisma CLI would fetch a native engine for this, which generating does not need.
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
      inputs: ['workflows', 'temporal/payloads.ts', 'temporal/interceptors', 'temporal/bundle.ts'],
      output: '.cache/workflows.js',
    },
    () => run(bin('tsx'), ['temporal/bundle.ts']),
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
 * Builds beside the pages that are there and puts them in their place at once: who starts meanwhile finds either.
 * An application that runs goes on serving the pages it started with, so their assets stay for a day.
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
    // Two starts at once: the other one made it.
  }
}
