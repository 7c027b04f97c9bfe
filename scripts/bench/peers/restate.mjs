// The same loop as a handler of Restate: a durable step for each request to the model and for each call of a tool. Its
// server runs beside it with its own settings: a log that is replicated once, to this machine, and written through to
// the disk before a step counts.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as restate from '@restatedev/restate-sdk';
import { ask, callsOf, first, keepFiles, report, use } from './work.mjs';

const require = createRequire(import.meta.url);
// The SDK uses it, and Node has it since version 22.
Promise.withResolvers ??= () => {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const agent = restate.service({
  name: 'Agent',
  handlers: {
    work: async (context) => {
      const messages = [...first];
      for (;;) {
        const content = await context.run('model', () => ask(messages));
        messages.push({ role: 'assistant', content });
        const calls = callsOf(content);
        if (calls.length === 0) return;
        const results = [];
        for (const call of calls) results.push(await context.run(call.name, () => use(call)));
        if (calls.some(({ name }) => name === 'edit_file')) await context.run('keep', () => keepFiles(calls));
        messages.push({ role: 'user', content: results });
      }
    },
  },
});

const [ingress, admin, node, own] = [await freePort(), await freePort(), await freePort(), await freePort()];
const data = mkdtempSync(path.join(tmpdir(), 'omoios-restate-'));
const binary = require.resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`);
const server = spawn(binary, ['--base-dir', data], {
  env: {
    ...process.env,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_LOG_FILTER: 'error',
  },
  stdio: 'ignore',
});
process.on('exit', () => {
  server.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));

await restate.serve({ services: [agent], port: own });
async function untilAnswered(url, options) {
  for (const until = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const answer = await fetch(url, options).catch((error) => ({ ok: false, text: async () => String(error) }));
    if (answer.ok) return;
    if (Date.now() > until) throw new Error(`${url}: ${await answer.text()}`);
  }
}
const post = (body) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
await untilAnswered(`http://127.0.0.1:${admin}/deployments`, post({ uri: `http://127.0.0.1:${own}` }));
await untilAnswered(`http://127.0.0.1:${ingress}/Agent/work`, post(null));
report(null);
