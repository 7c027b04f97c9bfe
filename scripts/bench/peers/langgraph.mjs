// The same loop as a LangGraph graph whose every step is checkpointed in PostgreSQL. The last argument is its durability:
// `sync` has stored a step before the next one begins, `async` stores it meanwhile. With OMOIOS_BENCH_AGENTS it runs so
// many agents at once in its process, until it is ended.
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { storedBytes } from './stored.mjs';
import { ask, callsOf, database, first, keepFiles, report, turns, use } from './work.mjs';

const durability = process.argv.at(-1);
const State = Annotation.Root({
  messages: Annotation({ reducer: (before, added) => [...before, ...added], default: () => [] }),
});
const graph = new StateGraph(State)
  .addNode('model', async ({ messages }, { configurable }) => ({
    messages: [{ role: 'assistant', content: await ask(messages, configurable.thread_id) }],
  }))
  .addNode('tools', async ({ messages }) => {
    const calls = callsOf(messages.at(-1).content);
    const content = [];
    for (const call of calls) content.push(await use(call));
    await keepFiles(calls);
    return { messages: [{ role: 'user', content }] };
  })
  .addEdge(START, 'model')
  .addConditionalEdges('model', ({ messages }) => (callsOf(messages.at(-1).content).length > 0 ? 'tools' : END))
  .addEdge('tools', 'model');

const saver = PostgresSaver.fromConnString(database);
await saver.setup();
const app = graph.compile({ checkpointer: saver });
const agents = Number(process.env.OMOIOS_BENCH_AGENTS ?? 1);
await Promise.all(
  Array.from({ length: agents }, (_, n) =>
    app.invoke(
      { messages: first },
      { configurable: { thread_id: `bench-${n}` }, recursionLimit: 4 * turns + 10, durability },
    ),
  ),
);
report(await storedBytes(database, 'public'));
