/** Runs the npm commands `start`, `dev`, `demo` and `prepare`, once the packages are installed. */
import { existsSync, readFileSync, watch } from 'node:fs';
import { ConfigError, environment, loadConfig, rootDir, type Config } from '#activities/services/config.ts';
import { signInLinkFile } from '#activities/services/embedded.ts';
import path from 'node:path';
import { prepare } from './prepare.ts';
import { AlreadyRunning, Stack, type Running } from './stack.ts';
import { step } from './steps.ts';

const [command = 'start', ...rest] = process.argv.slice(2);

function readyMessage(config: Config, running: Running): string {
  const link = existsSync(signInLinkFile(config.data_dir))
    ? readFileSync(signInLinkFile(config.data_dir), 'utf8').trim()
    : running.url;
  return [
    '',
    `  OmoiOS is ready.`,
    `  Web       ${link}   (signs you in once)`,
    `  API       ${running.url}/docs`,
    ...(running.temporal_ui ? [`  Temporal  ${running.temporal_ui}`] : []),
    `  Data      ${config.data_dir}`,
    '',
  ].join('\n');
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts the stack and keeps it running until a signal arrives or a part of it fails for good. */
async function run(
  config: Config,
  options: { watch?: boolean; demo?: boolean; onReady?: (running: Running) => Promise<number | undefined> },
): Promise<number> {
  const { temporal } = await prepare(config);
  let finish: (code: number) => void = () => undefined;
  const finished = new Promise<number>((resolve) => (finish = resolve));
  const giveUp = (reason: string) => {
    console.error(`✗ ${reason}`);
    finish(1);
  };
  const stack = new Stack(config, temporal, giveUp, options.watch);
  for (const signal of signals) process.on(signal, () => finish(signal === 'SIGINT' ? 130 : 143));
  let code: number;
  try {
    const running = await Promise.race([step('OmoiOS', (say) => stack.start(say, options.demo)), finished]);
    if (typeof running === 'number') code = running;
    else {
      console.log(readyMessage(config, running));
      if (options.watch) watchSources(stack);
      const ownCode = options.onReady ? await Promise.race([options.onReady(running), finished]) : undefined;
      code = ownCode ?? (await finished);
    }
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) await stack.stop();
    for (const signal of signals) process.removeAllListeners(signal);
    throw error;
  }
  process.stdout.write('stopping ...');
  await stack.stop();
  console.log(' stopped.');
  return code >= 130 ? 0 : code;
}

function watchSources(stack: Stack): void {
  let timer: NodeJS.Timeout | undefined;
  for (const folder of ['activities', 'server', 'prisma', 'temporal', 'workflows', 'config']) {
    watch(path.join(rootDir, folder), { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        console.log('· a source file changed: restarting the application');
        void stack.restartApplication();
      }, 300);
    });
  }
}

try {
  // In development the pages are served from their sources: a change is visible at once.
  if (command === 'dev') environment.OMOIOS_SERVER_WEB ??= 'source';
  if (command === 'prepare' && rest.includes('--no-web')) environment.OMOIOS_SERVER_WEB = 'none';
  const config = loadConfig();
  switch (command) {
    case 'prepare':
      await prepare(config, { stack: !rest.includes('--no-stack') });
      break;
    case 'start':
      process.exitCode = await run(config, {});
      break;
    case 'dev':
      process.exitCode = await run(config, { watch: true });
      break;
    case 'demo': {
      const { demo, demoConfig, repeatDemo, staysUp } = await import('./demo.ts');
      const tuned = demoConfig(rest);
      try {
        process.exitCode = await run(tuned, { demo: staysUp(rest), onReady: (running) => demo(tuned, running, rest) });
      } catch (error) {
        if (!(error instanceof AlreadyRunning) || !error.running) throw error;
        console.log(error.message);
        process.exitCode = (await repeatDemo(tuned, error.running, rest)) ?? 3;
      }
      break;
    }
    default:
      console.error(`Unknown command ${command}. Commands: start, dev, demo, prepare.`);
      process.exitCode = 2;
  }
} catch (error) {
  if (error instanceof AlreadyRunning) console.error(error.message);
  else console.error(`✗ ${(error as Error).message}`);
  // 2: a setting is wrong, which only a person can fix; 3: a stack is already running.
  process.exitCode = error instanceof AlreadyRunning ? 3 : error instanceof ConfigError ? 2 : 1;
}
process.exit(process.exitCode ?? 0);
