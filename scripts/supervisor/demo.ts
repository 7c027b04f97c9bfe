import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { sampleDir, sampleFeature } from '#activities/adapters/model/rehearsal/index.ts';
import { environment, loadConfig, type Config } from '#activities/services/config.ts';
import { Client } from '#scripts/cli/client.ts';
import { newestEvent, projectFor } from '#scripts/cli/commands/feature.ts';
import { money, paint } from '#scripts/cli/screen.ts';
import { FeatureWatch } from '#scripts/cli/watch-feature.ts';
import { run } from './prepare.ts';
import type { Running } from './stack.ts';

/** What the demo sets where nobody else does: the scripted model, and watchers that look every few seconds. */
const settings = {
  MODEL_PROVIDER: 'rehearsal',
  OMOIOS_MONITORING_GUARDIAN_INTERVAL: '2',
  OMOIOS_MONITORING_MINIMUM_AGE: '1',
  OMOIOS_MONITORING_ANALYSIS_CACHE: '1',
  OMOIOS_MONITORING_CONDUCTOR_INTERVAL: '10',
  OMOIOS_MODEL_REHEARSAL_PACE: '0.3',
};

/** Settings of the demo, for this process and the children it starts. */
export function demoConfig(args: string[]): Config {
  const at = args.indexOf('--pace');
  if (at >= 0) environment.OMOIOS_MODEL_REHEARSAL_PACE = args[at + 1];
  environment.MODEL_PROVIDER = settings.MODEL_PROVIDER;
  for (const [name, value] of Object.entries(settings)) environment[name] ??= value;
  return loadConfig();
}

/** Whether these arguments of the demo leave its stack running. */
export const staysUp = (args: string[]) => !args.includes('--once');

/**
 * The demo once more, on the stack that an earlier one left running. Any other stack has other settings: its model may
 * cost money, and its guardian looks too seldom for the scripted story.
 * @returns the exit code, or undefined when that stack is none of the demo's.
 */
export async function demoAgain(config: Config, running: Running, args: string[]): Promise<number | undefined> {
  if (!running.demo) {
    console.error(
      'That is no stack the demo could run on: it was not started by npm run demo, or ends with it. Stop it first, or give the demo a place of its own: OMOIOS_DATA_DIR, PORT, TEMPORAL_PORT and TEMPORAL_UI_PORT.',
    );
    return undefined;
  }
  console.log('The demo runs on it once more.\n');
  return demo(config, running, [...args, '--once']);
}

/** A fresh copy of the sample as a repository: whatever became of the last one, this one starts at the beginning. */
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
      `Repository ${repo}. The model is a rehearsal: its words are scripted. Commands, tests, reviews, steering and merges are real.\n`,
    ),
  );
  const after = await newestEvent(client);
  const { spec_id: specId } = await client.post<{ spec_id: string }>('/specs/launch', {
    project_id: project.id,
    title: sampleFeature.title,
    description: sampleFeature.description,
    force: true,
  });
  const finished = await new FeatureWatch(client, { spec_id: specId }).until(after);
  const ok = finished.outcome === 'pr';
  console.log(
    `\n${ok ? paint('green', `✓ ${finished.message}`) : paint('red', `✗ ${finished.outcome}: ${finished.message}`)}`,
  );
  if (ok)
    console.log(
      `  As priced for a real model of that size: ${money(finished.cost_micros)}. Look at the branch: git -C ${repo} log --oneline --graph ${finished.pull_request?.branch ?? ''}`,
    );
  if (staysUp(args)) {
    console.log(`\n  The stack stays up: ${running.url}. Ctrl-C stops it.`);
    return undefined;
  }
  return ok ? 0 : 1;
}
