// The same loop as a workflow of DBOS Transact: a step for each request to the model and for each call of a tool.
import { DBOS } from '@dbos-inc/dbos-sdk';
import { storedBytes } from './stored.mjs';
import { ask, callsOf, database, first, keepFiles, report, use } from './work.mjs';

const agent = DBOS.registerWorkflow(
  async () => {
    const messages = [...first];
    for (;;) {
      const content = await DBOS.runStep(() => ask(messages), { name: 'model' });
      messages.push({ role: 'assistant', content });
      const calls = callsOf(content);
      if (calls.length === 0) return;
      const results = [];
      for (const call of calls) results.push(await DBOS.runStep(() => use(call), { name: call.name }));
      await DBOS.runStep(() => keepFiles(calls), { name: 'keep' });
      messages.push({ role: 'user', content: results });
    }
  },
  { name: 'agent' },
);
DBOS.setConfig({ name: 'bench', systemDatabaseUrl: database, logLevel: 'error' });
await DBOS.launch();
await agent();
report(await storedBytes(database, 'dbos'));
