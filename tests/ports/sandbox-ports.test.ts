import { openBench, workingKinds, type Bench } from './local/fixture.ts';
import { expectShownPorts } from './local/shown-port.ts';

const kinds = await workingKinds();

describe.each(kinds)('a port of a sandbox (%s)', (kind) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(kind, { 'README.md': 'hello\n' });
  });
  afterAll(() => bench.close());

  if (kind === 'none')
    test('is refused where it would be one of the machine', async () => {
      const id = await bench.make();
      expect(bench.sandbox.ports).toBe(false);
      await expect(bench.sandbox.openPort(id, 3000)).rejects.toMatchObject({ code: 'invalid_rule' });
    });
  else
    test('[EXEC-27] is reached alone, in its sandbox alone, and ends with the sandbox', async () => {
      await expectShownPorts(bench.sandbox, () => bench.make());
      if (!bench.played) return;
      // A place whose sandboxes have one network shows the port itself.
      bench.played.namespaces = false;
      await expectShownPorts(bench.sandbox, () => bench.make());
    }, 60_000);
});
