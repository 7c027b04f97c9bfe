import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { sampleDir, sampleFeature } from '#activities/adapters/model/rehearsal/index.ts';
import { environment, loadConfig, type Config } from '#activities/services/config.ts';
import { Client } from '#scripts/cli/client.ts';
import { newestEvent, projectFor } from '#scripts/cli/commands/feature.ts';
import { money, paint } from '#scripts/cli/screen.ts';
import { FeatureWatch } from '#scripts/cli/watch-feature.ts';
import { launchSpec } from '#server/contracts/specs.ts';
import { planKinds } from '#workflows/domain/phases/gate-policy.ts';
import { run } from './prepare.ts';
import type { Running } from './stack.ts';

/** Defaults of the demo: the scripted model, and monitoring every few seconds. Explicit settings win, but for the model. */
const settings = {
  MODEL_PROVIDER: 'rehearsal',
  OMOIOS_MONITORING_GUARDIAN_INTERVAL: '2',
  OMOIOS_MONITORING_MINIMUM_AGE: '1',
  OMOIOS_MONITORING_ANALYSIS_CACHE: '1',
  OMOIOS_MONITORING_CONDUCTOR_INTERVAL: '10',
  OMOIOS_MODEL_REHEARSAL_PACE: '0.3',
};

const argument = (args: string[], name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);

/** Applies the demo's settings to this process and to the children that it starts. */
export function demoConfig(args: string[]): Config {
  const pace = argument(args, '--pace');
  if (pace !== undefined) environment.OMOIOS_MODEL_REHEARSAL_PACE = pace;
  environment.MODEL_PROVIDER = settings.MODEL_PROVIDER;
  for (const [name, value] of Object.entries(settings)) environment[name] ??= value;
  return loadConfig();
}

/** Whether the demo leaves its stack running after the pull request is open. */
export const staysUp = (args: string[]) => !args.includes('--once');

/**
 * Runs the demo again on the stack that an earlier demo left running. Any other stack has other settings: its model may
 * cost money, and its guardian checks too rarely for the scripted scenario.
 * @returns the exit code, or undefined when a demo did not start that stack.
 */
export async function repeatDemo(config: Config, running: Running, args: string[]): Promise<number | undefined> {
  if (!running.demo) {
    console.error(
      'The demo cannot use that stack: npm run demo did not start it, or it was started with --once. Stop it first, or run the demo beside it: set OMOIOS_DATA_DIR, PORT, TEMPORAL_PORT and TEMPORAL_UI_PORT.',
    );
    return undefined;
  }
  console.log('The demo runs on it again.\n');
  return demo(config, running, [...args, '--once']);
}

/** Makes a new repository from the sample, so that each demo starts from the same state. */
async function freshSample(config: Config): Promise<string> {
  const folder = path.join(config.data_dir, 'samples');
  mkdirSync(folder, { recursive: true });
  const name = path.basename(sampleDir) === 'sample' ? 'lending-shed' : path.basename(sampleDir);
  const taken = readdirSync(folder).map((entry) => Number(entry.split('-').at(-1)) || 0);
  const target = path.join(folder, `${name}-${Math.max(0, ...taken) + 1}`);
  cpSync(sampleDir, target, { recursive: true });
  const git = (...args: string[]) =>
    run('git', [
      '-C',
      target,
      '-c',
      'user.name=OmoiOS',
      '-c',
      'user.email=sample@omoios.local',
      '-c',
      'commit.gpgsign=false',
      '-c',
      'core.hooksPath=/dev/null',
      ...args,
    ]);
  await git('init', '-q', '-b', 'main');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'A small service to play with');
  return target;
}

/**
 * Takes the sample's feature from sentence to pull request.
 * @returns the exit code with --once, else undefined: the stack is left running.
 */
export async function demo(config: Config, running: Running, args: string[]): Promise<number | undefined> {
  const repo = await freshSample(config);
  const client = new Client({ api: running.local_url });
  const project = await projectFor(client, repo);
  console.log(`${paint('bold', sampleFeature.title)}\n${sampleFeature.description.trim()}\n`);
  console.log(
    paint(
      'dim',
      `Repository ${repo}. The model is a rehearsal: its answers are scripted. Commands, tests, reviews, steering and merges are real.\n`,
    ),
  );
  const after = await newestEvent(client);
  const { spec_id: specId } = await client.call(launchSpec, {
    body: {
      project_id: project.id,
      title: sampleFeature.title,
      description: sampleFeature.description,
      plan: planKinds.find((kind) => kind === argument(args, '--plan')),
      force: true,
    },
  });
  const finished = await new FeatureWatch(client, { spec_id: specId }).until(after);
  const ok = finished.outcome === 'pr';
  console.log(
    `\n${ok ? paint('green', `✓ ${finished.message}`) : paint('red', `✗ ${finished.outcome}: ${finished.message}`)}`,
  );
  if (ok)
    console.log(
      `  A real model of that size would have cost ${money(finished.cost_micros)}. See the branch: git -C ${repo} log --oneline --graph ${finished.pull_request?.branch ?? ''}`,
    );
  if (staysUp(args)) {
    console.log(`\n  The stack keeps running: ${running.url}. Ctrl-C stops it.`);
    return undefined;
  }
  return ok ? 0 : 1;
}
