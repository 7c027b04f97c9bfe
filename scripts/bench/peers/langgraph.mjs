// The same loop as a LangGraph graph whose every step is checkpointed in PostgreSQL.
import { readFile } from 'node:fs/promises';
import Anthropic from '@anthropic-ai/sdk';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import pg from 'pg';

const [, , url, folder, count, database] = process.argv;
const turns = Number(count);
const client = new Anthropic({ baseURL: url, apiKey: 'nobody', maxRetries: 0 });
const tools = [
  {
    name: 'read_file',
    description: 'Reads a file.',
    input_schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  },
];
const times = [];

const State = Annotation.Root({
  messages: Annotation({ reducer: (before, added) => [...before, ...added], default: () => [] }),
});
const graph = new StateGraph(State)
  .addNode('model', async ({ messages }) => {
    times.push(performance.now());
    const answer = await client.messages
      .stream({ model: 'claude-sonnet-5-5', max_tokens: 1000, tools, messages })
      .finalMessage();
    return { messages: [{ role: 'assistant', content: answer.content }] };
  })
  .addNode('tools', async ({ messages }) => {
    const content = [];
    for (const block of messages.at(-1).content)
      if (block.type === 'tool_use')
        content.push({
          type: 'tool_result',
          tool_use_id: block.id,
          content: await readFile(`${folder}/${block.input.path}`, 'utf8'),
        });
    return { messages: [{ role: 'user', content }] };
  })
  .addEdge(START, 'model')
  .addConditionalEdges('model', ({ messages }) =>
    messages.at(-1).content.some((block) => block.type === 'tool_use') ? 'tools' : END,
  )
  .addEdge('tools', 'model');

const saver = PostgresSaver.fromConnString(database);
await saver.setup();
await graph
  .compile({ checkpointer: saver })
  .invoke(
    { messages: [{ role: 'user', content: 'Read the notes.' }] },
    { configurable: { thread_id: `bench-${turns}` }, recursionLimit: 4 * turns + 10 },
  );
const sizes = new pg.Client({ connectionString: database });
await sizes.connect();
const { rows } = await sizes.query(
  `SELECT sum(pg_total_relation_size(c.oid))::bigint AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relname LIKE 'checkpoint%'`,
);
await sizes.end();
const last = times.length - 1;
const late = Math.max(0, last - 50);
console.log(
  JSON.stringify({
    turns,
    ms_per_turn: (times[last] - times[0]) / last,
    ms_per_turn_late: (times[last] - times[late]) / (last - late),
    stored_bytes_per_turn: Number(rows[0].bytes) / turns,
  }),
);
process.exit(0);
