import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { rootDir } from '#activities/services/config.ts';
import { tools } from '#server/mcp/tools/index.ts';
import { OwnServer } from '#tests/support/own-server.ts';
import { toolFolder } from './tools.ts';

const run = promisify(execFile);
let server: OwnServer;
beforeAll(async () => {
  server = await OwnServer.start('mcp-client');
});
afterAll(() => server.close());

test('[MCP-09] a client of another library finds the tools, and what it does is done', async () => {
  const python = path.join(toolFolder('mcp'), 'bin/python');
  const script = path.join(rootDir, 'tests/environments/mcp_client.py');
  const { stdout } = await run(python, [script, `${server.url}/mcp`, 'sk_live_x', server.place.project.id]);
  const seen = JSON.parse(stdout);
  expect(seen.tools).toEqual(tools.map(({ name }) => name));
  expect(seen).toMatchObject({
    made: { failed: false, body: { title: 'By Python' } },
    found: { failed: false, body: { results: [{ ticket: { title: 'By Python' } }] } },
    short: { failed: true, body: { details: [{ field: 'comment', message: 'must have at least 10 characters' }] } },
    unknown: expect.stringContaining('There is no tool no_such_tool'),
  });
  const { body } = await server.request('GET', `/tickets/${seen.made.body.id}`);
  expect(body).toMatchObject({ title: 'By Python' });
});
