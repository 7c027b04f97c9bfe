import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { searchAttributeFlags } from '#workflows/contracts/search-attributes.ts';
import { cliVersion, downloadUrl, findGo, findTemporal, userCache, type Surroundings } from './program.mjs';

async function download(target: string): Promise<void> {
  const response = await fetch(downloadUrl(), { signal: AbortSignal.timeout(60_000) });
  if (!response.ok) throw new Error(`the download answered ${response.status}`);
  const folder = await mkdtemp(path.join(path.dirname(target), 'download-'));
  try {
    await writeFile(path.join(folder, 'cli.tar.gz'), Buffer.from(await response.arrayBuffer()));
    const unpacked = spawnSync('tar', ['-xzf', 'cli.tar.gz', 'temporal'], { cwd: folder });
    if (unpacked.status !== 0) throw new Error('the downloaded archive does not unpack');
    await chmod(path.join(folder, 'temporal'), 0o755);
    await rename(path.join(folder, 'temporal'), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function build(target: string, env: Surroundings['env'], say: (line: string) => void): Promise<void> {
  const folder = await mkdtemp(path.join(path.dirname(target), 'build-'));
  const started = Date.now();
  const child = spawn('go', ['install', `github.com/temporalio/cli/cmd/temporal@v${cliVersion}`], {
    env: { ...env, GOBIN: folder, GOFLAGS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let fetched = 0;
  let last = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    fetched += chunk.split('downloading').length - 1;
    last = chunk.trim().split('\n').pop() ?? last;
  });
  const tick = setInterval(
    () =>
      say(
        `building Temporal with Go: ${Math.round((Date.now() - started) / 1000)} s, ${fetched} modules fetched (about 4 min in all, once)`,
      ),
    10_000,
  );
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.on('exit', resolve).on('error', reject));
    if (code !== 0) throw new Error(`go install failed: ${last}`);
    await rename(path.join(folder, 'temporal'), target);
  } finally {
    clearInterval(tick);
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The path of the Temporal program. If it is missing, it is downloaded or built into the user's cache, once; this may
 * take minutes.
 * @throws when neither works; the message names the command that installs it.
 */
export async function obtainTemporal(options: Surroundings & { say: (line: string) => void }): Promise<string> {
  const found = findTemporal(options);
  if (found) return found;
  let cache = userCache(options.env);
  try {
    await mkdir(cache, { recursive: true });
  } catch {
    cache = path.join(options.dataDir, 'bin');
    await mkdir(cache, { recursive: true });
  }
  const target = path.join(cache, cache.startsWith(options.dataDir) ? 'temporal' : `temporal-${cliVersion}`);
  const reasons: string[] = [];
  try {
    options.say('downloading Temporal');
    await download(target);
    return target;
  } catch (error) {
    reasons.push(`download: ${(error as Error).message}`);
  }
  if (!findGo(options.env)) {
    throw new Error(
      `Temporal is missing (${reasons.join('; ')}) and so is Go, which could build it. Install one of them: https://docs.temporal.io/cli or Go 1.21 or newer (https://go.dev/dl).`,
    );
  }
  await build(target, options.env, options.say);
  return target;
}

/**
 * Arguments of the embedded server. The stock dev server polls its single shard 20 times a second, which would cost 50
 * ms a step; four partitions of each queue, of which all but the first pass on what they are given, help only many
 * servers. WAL without a sync per commit survives a killed process, which is all that is required.
 */
export function devServerArguments(options: {
  dbFile: string;
  port: number;
  uiPort: number;
  namespace: string;
}): string[] {
  const dynamic = [
    'history.transferProcessorMaxPollRPS=2000',
    'history.timerProcessorMaxPollRPS=2000',
    'history.visibilityProcessorMaxPollRPS=2000',
    'matching.numTaskqueueReadPartitions=1',
    'matching.numTaskqueueWritePartitions=1',
    'system.enableActivityEagerExecution=true',
    'limit.maxIDLength=1000',
    'frontend.enableUpdateWorkflowExecution=true',
    'frontend.enableExecuteMultiOperation=true',
  ];
  return [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(options.port),
    '--ui-port',
    String(options.uiPort),
    '--namespace',
    options.namespace,
    '--db-filename',
    options.dbFile,
    '--sqlite-pragma',
    'journal_mode=WAL',
    '--sqlite-pragma',
    'synchronous=NORMAL',
    '--log-level',
    'error',
    '--log-format',
    'json',
    ...dynamic.flatMap((value) => ['--dynamic-config-value', value]),
    ...searchAttributeFlags(),
  ];
}
