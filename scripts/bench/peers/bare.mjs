// A loop over the model's SDK, as anybody writes it first: nothing is kept, nothing survives.
import { readFile } from 'node:fs/promises';
import Anthropic from '@anthropic-ai/sdk';

const [, , url, folder, count] = process.argv;
const turns = Number(count);
const client = new Anthropic({ baseURL: url, apiKey: 'nobody', maxRetries: 0 });
const tools = [
  {
    name: 'read_file',
    description: 'Reads a file.',
    input_schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  },
];
const messages = [{ role: 'user', content: 'Read the notes.' }];
const times = [];
for (let turn = 0; turn <= turns; turn += 1) {
  times.push(performance.now());
  const answer = await client.messages
    .stream({ model: 'claude-sonnet-5-5', max_tokens: 1000, tools, messages })
    .finalMessage();
  messages.push({ role: 'assistant', content: answer.content });
  const results = [];
  for (const block of answer.content)
    if (block.type === 'tool_use')
      results.push({
        type: 'tool_result',
        tool_use_id: block.id,
        content: await readFile(`${folder}/${block.input.path}`, 'utf8'),
      });
  if (results.length === 0) break;
  messages.push({ role: 'user', content: results });
}
const last = times.length - 1;
const late = Math.max(0, last - 50);
console.log(
  JSON.stringify({
    turns,
    ms_per_turn: (times[last] - times[0]) / last,
    ms_per_turn_late: (times[last] - times[late]) / (last - late),
    stored_bytes_per_turn: 0,
  }),
);
