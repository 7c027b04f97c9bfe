// What every peer does alike: the request to the model, the tools, and the report.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import Anthropic from '@anthropic-ai/sdk';

const run = promisify(execFile);
export const [, , url, folder, count, database] = process.argv;
export const turns = Number(count);
const client = new Anthropic({ baseURL: url, apiKey: 'nobody', maxRetries: 0 });
const text = { type: 'string' };
const schema = (...names) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, text])),
  required: names,
});
const tools = [
  { name: 'read_file', description: 'Reads a file.', input_schema: schema('path') },
  { name: 'edit_file', description: 'Replaces a text.', input_schema: schema('path', 'old_text', 'new_text') },
  { name: 'bash', description: 'Runs a command.', input_schema: schema('command') },
];
const times = [];

/** One request to the model. @param agent which of several asks. */
export async function ask(messages, agent = 'agent') {
  times.push(performance.now());
  const answer = await client.messages
    .stream({ model: 'claude-sonnet-5-5', max_tokens: 1000, tools, messages, metadata: { user_id: agent } })
    .finalMessage();
  return answer.content;
}

export const first = [{ role: 'user', content: 'Work on the notes.' }];
export const callsOf = (content) => content.filter((block) => block.type === 'tool_use');

/** One call of a tool. */
export async function use({ id, name, input }) {
  const result = (content) => ({ type: 'tool_result', tool_use_id: id, content });
  const path = `${folder}/${input.path}`;
  if (name === 'read_file') return result(await readFile(path, 'utf8'));
  if (name === 'bash') return result((await run('bash', ['-c', input.command], { cwd: folder })).stdout || 'done');
  const before = await readFile(path, 'utf8');
  if (before.split(input.old_text).length !== 2) throw new Error(`${input.path} does not hold the text once.`);
  await writeFile(
    path,
    before.replace(input.old_text, () => input.new_text),
  );
  return result('edited');
}

/** Keeps the files of a turn that changed some as a Git commit. */
export async function keepFiles(calls) {
  if (!calls.some(({ name }) => name === 'edit_file')) return;
  await run('git', ['add', '-A'], { cwd: folder });
  await run('git', ['commit', '-q', '-m', 'turn'], { cwd: folder });
}

/** Prints the time of a turn, and ends the process. @param storedBytes null where nobody can tell. */
export function report(storedBytes = 0) {
  const last = times.length - 1;
  const late = Math.max(0, last - 50);
  console.log(
    JSON.stringify({
      turns,
      ms_per_turn: (times[last] - times[0]) / last,
      ms_per_turn_late: (times[last] - times[late]) / (last - late),
      stored_bytes_per_turn: storedBytes === null ? null : storedBytes / turns,
    }),
  );
  process.exit(0);
}
