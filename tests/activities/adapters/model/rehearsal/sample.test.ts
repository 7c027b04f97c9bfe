import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { sampleDir } from '#activities/adapters/model/rehearsal/index.ts';
import { Origin } from './origin.ts';

test('the sample is a small repository whose tests pass as it is, with nothing to install', async () => {
  const files = (await readdir(sampleDir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(sampleDir, path.join(entry.parentPath, entry.name)));
  expect(files).toEqual(expect.arrayContaining(['.gitignore', 'AGENTS.md', 'README.md', 'package.json']));
  expect(files.filter((file) => file.startsWith('test/')).length).toBeGreaterThanOrEqual(3);
  expect(files.length).toBeLessThan(20);

  const origin = await Origin.open();
  const checkout = await origin.checkout(origin.base);
  expect(JSON.parse(await checkout.bench.text('package.json'))).not.toHaveProperty('dependencies');
  const result = await checkout.npmTest();
  expect(result).toMatch(/^exit 0/);
  expect(result).toMatch(/fail 0\b/);

  const { text } = await checkout.bench.call('bash', {
    command: `node --input-type=module -e "import { addMonths } from './src/calendar.js'; console.log(addMonths('2026-01-31', 1))"`,
  });
  expect(text).toContain('2026-03-03'); // the bug that no test of the sample reaches
  await checkout.close();
  await origin.close();
});

test("the sample's server starts and answers", async () => {
  const origin = await Origin.open();
  const checkout = await origin.checkout(origin.base);
  const { text } = await checkout.bench.call('bash', { command: 'PORT=0 node src/server.js & sleep 1; kill $!' });
  expect(text).toMatch(/^exit 0/);
  expect(text).toContain('The shed is open');
  await checkout.close();
  await origin.close();
});
