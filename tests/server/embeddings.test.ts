import { createLexicalEmbeddings } from '#activities/adapters/embeddings/lexical.ts';
import { createEmbeddingActivities } from '#activities/platform/embed-rows.ts';
import type { EmbeddingsPort } from '#activities/ports/embeddings.ts';
import type { EmbeddedTable } from '#workflows/domain/embedded-tables.ts';
import { embedderOf, OwnServer, silent } from '#tests/support/own-server.ts';

let server: OwnServer;
let project_id = '';
let organization_id = '';

/** A provider that may not answer. Its vectors are those of words with their numbers in another order. */
let answers = true;
const lexical = createLexicalEmbeddings();
const paid: EmbeddingsPort = {
  provider: 'openai',
  model: 'openai:text-embedding-3-small',
  semantic: true,
  embed: async (texts, role) => {
    if (!answers) throw new Error('The provider is away.');
    const { vectors } = await lexical.embed(texts, role);
    return { vectors: vectors.map((vector) => [...vector].reverse()), tokens: 1000 * texts.length };
  },
};

beforeAll(async () => {
  server = await OwnServer.start('embeddings', paid);
  project_id = server.place.project.id;
  organization_id = server.place.organization.id;
});
afterAll(() => server.close());
afterEach(() => {
  answers = true;
});

const stepsOf = (port = paid) =>
  createEmbeddingActivities({ store: server.store, embeddings: embedderOf(port, server.store), log: silent });
/** What the workflow does. */
async function embedAll(port = paid) {
  const steps = stepsOf(port);
  const tables = await steps.tablesToEmbed();
  for (const table of tables)
    for (let state = { done: 0, total: 1 }; state.done < state.total;) state = await steps.embedSome({ table });
  return tables;
}
const call = async (method: string, address: string, body?: object) =>
  (await server.request(method, address, body)).body;
const remember = async (execution_summary: string) =>
  (await call('POST', '/memory/store', { project_id, execution_summary })).memory_id as string;
const search = async (task_description: string, search_mode: string) =>
  (
    (await call('POST', '/memory/search', { project_id, task_description, search_mode, similarity_threshold: 0.2 }))
      .results as { id: string }[]
  ).map(({ id }) => id);
const stateOf = async (table: EmbeddedTable) =>
  (await call('GET', '/memory/embeddings')).tables.find((row: { table: string }) => row.table === table);

test('[MEM-09] while the provider is away all is stored and found by its words; its vectors follow', async () => {
  answers = false;
  const id = await remember('Rotated the signing keys of the billing webhooks.');
  const ticket = await call('POST', '/tickets', {
    ...{ project_id, title: 'Rotate keys', description: 'Of the webhooks.', workflow_mode: 'spec_driven' },
  });
  expect(ticket.id).toBeDefined();
  const rule = await call('POST', '/playbook', {
    ...{ project_id, category: 'gotchas', content: 'Rotate the keys before the certificate ends.' },
  });
  expect(rule.id).toBeDefined();
  expect(await search('signing keys', 'keyword')).toEqual([id]);
  expect(await search('signing keys', 'semantic')).toEqual([]);
  expect(await stateOf('task_memories')).toMatchObject({ total: 1, done: 0, waiting: 1 });
  // The workflow waits and says why.
  await expect(stepsOf().embedSome({ table: 'task_memories' })).rejects.toThrow('The provider is away.');

  answers = true;
  expect(await embedAll()).toEqual(['tickets', 'task_memories', 'playbook_entries']);
  expect(await search('signing keys', 'semantic')).toEqual([id]);
  expect(await stateOf('task_memories')).toMatchObject({ total: 1, done: 1, waiting: 0, retrying: null });
  expect(await embedAll()).toEqual([]);
  const again = await call('POST', '/tickets', {
    ...{ project_id, title: 'Rotate keys', description: 'of the webhooks', workflow_mode: 'spec_driven' },
  });
  expect(again).toMatchObject({ is_duplicate: true });
});

test('[MEM-09] another model: texts are found by the vectors that they have until each has one of the new model', async () => {
  const old = await remember('Compressed the images of the gallery before upload.');
  await embedAll(lexical);
  expect(await stateOf('task_memories')).toMatchObject({ done: 0, waiting: 0 });
  const fresh = await remember('Compressed the videos of the gallery before upload.');
  // One has a vector of words, the other of the chosen model.
  expect((await search('compressed gallery before upload', 'semantic')).sort()).toEqual([old, fresh].sort());
  expect(await stateOf('task_memories')).toMatchObject({ done: 1 });
  await embedAll();
  const state = await stateOf('task_memories');
  expect(state.done).toBe(state.total);
  expect(await server.store.embedding.models('task_memories')).toEqual([paid.model]);
  expect((await search('compressed gallery before upload', 'semantic')).sort()).toEqual([old, fresh].sort());
});

test('[MEM-09] a vector of words that were changed meanwhile is not stored', async () => {
  const id = await remember('Moved the reports to a queue of their own.');
  await embedAll(lexical);
  const [row] = await server.store.embedding
    .lacking('task_memories', paid.model, 1000)
    .then((rows) => rows.filter((one) => one.id === id));
  if (!row) throw new Error('The memory lacks no vector.');
  await call('PATCH', `/memory/${id}`, { execution_summary: 'Moved the exports to a queue of their own.' });
  const embedded = { vector: Array.from({ length: 1536 }, () => 1), by: 'stale' };
  await server.store.embedding.write('task_memories', [{ ...row, embedded }]);
  expect(await server.store.embedding.models('task_memories')).not.toContain('stale');
  await embedAll();
});

test('[MEM-09] [BILL-15] what vectors cost is in the ledger of those whose texts they are of', async () => {
  const before = await call('GET', '/costs/records?limit=200');
  const of = (list: { items: { kind: string; cost_micros: number; input_tokens: number; model: string }[] }) =>
    list.items.filter(({ kind }) => kind === 'embedding');
  await remember('Wrote the changelog by hand once more.');
  const added = of(await call('GET', '/costs/records?limit=200')).length - of(before).length;
  expect(added).toBe(1);
  // 1,000 tokens at 0.02 dollars a million.
  expect(of(await call('GET', '/costs/records?limit=200'))[0]).toMatchObject({
    ...{ model: 'text-embedding-3-small', input_tokens: 1000, cost_micros: 20, provider: 'openai', project_id },
  });
  expect(organization_id).not.toBe('');
});
