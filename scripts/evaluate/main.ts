/**
 * `npm run evaluate -- FOLDER`: has the running OmoiOS do real tasks whose tests it does not see, and reports how many
 * it resolved, what they cost, and why the others failed. See docs/evaluation.md.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { rootDir } from '#activities/services/config.ts';
import { oneOf } from '../cli/arguments.ts';
import { CliError, Client } from '../cli/client.ts';
import { play, type Result } from './play.ts';
import { openScorer } from './score.ts';
import { readTasks, type EvaluationTask } from './tasks.ts';

interface Options {
  mode: string;
  budget: string;
  parallel: string;
  limit?: string;
  api?: string;
}

const cache = path.join(rootDir, '.cache', 'evaluate');

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new CliError(`${name} must be a number above 0, not ${text}.`, 2);
  return value;
}

function summaryOf(results: Result[]): string {
  const total = (of: (result: Result) => number) => results.reduce((sum, result) => sum + of(result), 0);
  const causes = new Map<string, number>();
  for (const { cause } of results) causes.set(cause, (causes.get(cause) ?? 0) + 1);
  const resolved = results.filter((result) => result.resolved).length;
  return [
    `Resolved ${resolved} of ${results.length} (${Math.round((100 * resolved) / results.length)} %)`,
    `Cost $${total((r) => r.cost_usd).toFixed(2)}, turns ${total((r) => r.turns)}`,
    ...[...causes].sort((a, b) => b[1] - a[1]).map(([cause, count]) => `  ${String(count).padStart(4)}  ${cause}`),
  ].join('\n');
}

async function evaluate(folder: string, options: Options): Promise<void> {
  const mode = oneOf('--mode', options.mode, ['quick', 'spec_driven'] as const);
  const budget_usd = positive('--budget', options.budget);
  const lanes = positive('--parallel', options.parallel);
  const tasks = readTasks(folder).slice(0, options.limit ? positive('--limit', options.limit) : undefined);
  const client = new Client({ api: options.api });
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(path.join(cache, 'run-'));
  const scorer = openScorer();
  const results: Result[] = [];
  const waiting = [...tasks];
  const one = async (task: EvaluationTask) => {
    const result = await play(client, scorer, task, { mode, budget_usd, work });
    results.push(result);
    writeFileSync(path.join(work, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
    const figures = `$${result.cost_usd.toFixed(2)}  ${result.turns} turns  ${result.minutes.toFixed(1)} min`;
    console.log(`${result.resolved ? '✓' : '✗'} ${task.instance_id}  ${result.cause}  ${figures}`);
    if (result.detail) console.log(result.detail.replace(/^/gm, '    '));
  };
  const lane = async () => {
    for (let task = waiting.shift(); task; task = waiting.shift()) await one(task);
  };
  try {
    await Promise.all(Array.from({ length: Math.min(lanes, tasks.length) }, lane));
  } finally {
    await scorer.close();
  }
  console.log(`\n${summaryOf(results)}\nEach result: ${path.join(work, 'results.json')}`);
}

const program = new Command('evaluate')
  .description('have real tasks done, and run their hidden tests')
  .argument('<folder>', 'tasks in the format of SWE-bench: .json or .jsonl files')
  .option('--mode <mode>', 'quick: one task; spec_driven: planned in phases', 'quick')
  .option('--budget <usd>', 'limit of the cost of each task in dollars', '5')
  .option('--parallel <number>', 'tasks at a time', '2')
  .option('--limit <number>', 'only the first tasks')
  .option('--api <url>', 'address of OmoiOS')
  .action(evaluate);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof CliError ? error.message : error);
  process.exitCode = error instanceof CliError ? error.exitCode : 1;
}
