import { rmSync } from 'node:fs';
import path from 'node:path';
import { scratchDir, workingKinds } from '#tests/ports/local/fixture.ts';
import { playAtPorts } from './at-ports.ts';
import { playTogether } from '#tests/support/play-together.ts';
import type { Row } from './row.ts';
import { rows } from './rows/index.ts';

const [kind = 'none'] = await workingKinds();

describe('odd repositories, by the ports alone', () => {
  const { dir, remove } = scratchDir();
  let outcomes: Map<Row, Promise<void>>;
  beforeAll(() => {
    outcomes = playTogether(rows, 3, async (row) => {
      const own = path.join(dir, String(rows.indexOf(row)));
      await playAtPorts(row, own, kind);
      rmSync(own, { recursive: true, force: true });
    });
  });
  afterAll(remove);

  test('the table has at least 40 rows, each with a name of its own', () => {
    expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThanOrEqual(40);
  });

  test.each(rows)('$name', (row) => outcomes.get(row));
});
