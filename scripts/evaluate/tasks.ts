import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { CliError } from '../cli/client.ts';

/** SWE-bench gives lists as JSON inside of a string. */
const names = z.preprocess(
  (value) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value),
  z.array(z.string().min(1)),
);

/** One task in the format of SWE-bench. Fields that are not named here are ignored. */
const taskSchema = z.object({
  instance_id: z.string().regex(/^[\w.-]{1,100}$/, 'letters, digits, ".", "_" and "-"'),
  /** Folder, relative to the file of the task, or URL of the repository. */
  repo: z.string().min(1),
  base_commit: z.string().regex(/^[0-9a-f]{40}$/, 'a commit of 40 hex digits'),
  problem_statement: z.string().min(1),
  /** Tests that the agent does not see: a patch on top of its work. */
  test_patch: z.string().default(''),
  /** Command that runs the tests whose names follow it. */
  test_command: z.string().min(1),
  /** Commands that prepare the project for its tests, with network access. */
  setup: z.array(z.string().min(1)).optional(),
  /** Tests that fail before the work and pass after it. */
  FAIL_TO_PASS: names,
  /** Tests that pass before and after it. */
  PASS_TO_PASS: names.default([]),
});
export type EvaluationTask = z.output<typeof taskSchema>;

function parse(line: string, where: string, folder: string): EvaluationTask {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new CliError(`${where} is not JSON: ${(error as Error).message}`, 2);
  }
  const parsed = taskSchema.safeParse(value);
  if (!parsed.success) throw new CliError(`${where} is not a task:\n${z.prettifyError(parsed.error)}`, 2);
  const { repo } = parsed.data;
  return { ...parsed.data, repo: /^[a-z+]+:\/\//.test(repo) ? repo : path.resolve(folder, repo) };
}

/**
 * The tasks of a folder: one in each .json file, one in each line of a .jsonl file.
 * @throws CliError that names the file and the field.
 */
export function readTasks(folder: string): EvaluationTask[] {
  const files = readdirSync(folder)
    .filter((name) => /\.jsonl?$/.test(name))
    .sort();
  const tasks = files.flatMap((name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    if (name.endsWith('.json')) return [parse(text, name, folder)];
    return text
      .split('\n')
      .flatMap((line, i) => (line.trim() === '' ? [] : [parse(line, `${name}, line ${i + 1}`, folder)]));
  });
  if (tasks.length === 0) throw new CliError(`${folder} contains no task: add .json or .jsonl files.`, 2);
  const twice = tasks.find(({ instance_id: id }, i) => tasks.findIndex((task) => task.instance_id === id) !== i);
  if (twice) throw new CliError(`The instance_id ${twice.instance_id} is given twice.`, 2);
  return tasks;
}
