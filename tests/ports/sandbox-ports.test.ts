import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { openBench, until, workingKinds, type Bench } from './local/fixture.ts';

const kinds = await workingKinds();

const ask = (socketPath: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ socketPath, path: '/', agent: false }, (answer) => void text(answer).then(resolve, reject))
      .on('error', reject)
      .end();
  });

describe.each(kinds)('a port of a sandbox (%s)', (kind) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(kind, { 'README.md': 'hello\n' });
  });
  afterAll(() => bench.close());

  if (kind !== 'local')
    test('is refused where the provider has no way to it, or it would be one of the machine', async () => {
      const id = await bench.make();
      expect(bench.sandbox.ports).toBe(false);
      await expect(bench.sandbox.openPort(id, 3000)).rejects.toMatchObject({ code: 'invalid_rule' });
    });
  else
    test('[EXEC-27] is reached alone, in its sandbox alone, and ends with the sandbox', async () => {
      const [id, other] = [await bench.make(), await bench.make()];
      const serve = (port: number, host: string) =>
        `node -e "require('http').createServer((q, r) => r.end('port ${port}')).listen(${port}, '${host}')"`;
      for (const [port, host] of [
        [3000, '127.0.0.1'],
        [3001, '::1'],
      ] as const)
        await bench.sandbox.startCommand(id, { job_id: `serve-${port}`, command: serve(port, host), network: 'none' });
      const [way, second, others, empty] = await Promise.all(
        (
          [
            [id, 3000],
            [id, 3001],
            [other, 3000],
            [id, 3002],
          ] as const
        ).map(([of, port]) => bench.sandbox.openPort(of, port)),
      );
      const answer = async (opened = way) => ask(opened?.socketPath ?? '').catch(() => 'none');
      await until(async () => (await answer()) === 'port 3000' && (await answer(second)) === 'port 3001');
      expect([await answer(others), await answer(empty)]).toEqual(['none', 'none']);
      expect(await bench.sandbox.openPort(id, 3000)).toEqual(way);
      await bench.sandbox.destroy(id);
      await until(() => !existsSync(way?.socketPath ?? ''));
      await expect(bench.sandbox.openPort(id, 3000)).rejects.toMatchObject({ code: 'lost' });
    });
});
