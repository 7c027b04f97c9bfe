import { rmSync } from 'node:fs';
import path from 'node:path';
import { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import { scratchDir } from '#tests/ports/local/fixture.ts';
import { playOnStack } from './on-stack.ts';
import { playTogether } from '#tests/support/play-together.ts';
import { share } from '#tests/support/share.ts';
import type { Row } from './row.ts';
import { rows as all } from './rows/index.ts';

const rows = share(all);

describe('odd repositories, from project to merged pull request', () => {
  const { dir, remove } = scratchDir();
  let own: Promise<OwnStack>;
  let outcomes: Map<Row, Promise<void>>;
  beforeAll(() => {
    own = OwnStack.start({});
    outcomes = playTogether(rows, 5, async (row) => {
      const folder = path.join(dir, String(rows.indexOf(row)));
      await playOnStack(row, folder, await own);
      rmSync(folder, { recursive: true, force: true });
    });
  });
  afterAll(async () => {
    await (await own).stop();
    remove();
  });

  test.each(rows)('$name', (row) => outcomes.get(row));
});
