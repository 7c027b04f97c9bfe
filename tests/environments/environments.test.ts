import path from 'node:path';
import { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import { scratchDir } from '#tests/ports/local/fixture.ts';
import { playTogether } from '#tests/support/play-together.ts';
import { playOnStack, type Outcome } from './on-stack.ts';
import { rows } from './rows/index.ts';
import type { Row } from './row.ts';
import { clientSettings, withTools } from './tools.ts';

/** Rows at the same time. One survey runs at once; the work on other rows goes with it. */
const atOnce = 3;

describe('small real projects, from their survey to a pull request', () => {
  const { dir, remove } = scratchDir();
  let own: OwnStack;
  let outcomes: Map<Row, Promise<Outcome>>;
  beforeAll(async () => {
    const env = { ...clientSettings(), PATH: withTools() };
    own = await OwnStack.start({ ...env, OMOIOS_SURVEY_AUTOMATIC: 'true' });
    outcomes = playTogether(rows, atOnce, (row) =>
      playOnStack(row, path.join(dir, String(rows.indexOf(row))), own, { ...process.env, ...env }),
    );
  });
  afterAll(async () => {
    await own.stop();
    remove();
  });

  test.each(rows)('$name', async (row) => {
    const outcome = await outcomes.get(row);
    console.log(`${row.name}: survey ${outcome?.survey_s.toFixed(0)} s, work ${outcome?.work_s.toFixed(0)} s`);
    expect(outcome?.roots).toEqual(
      row.roots.map((root) => ({
        missing: [],
        ...root,
        checks: root.checks.map((check) => ({ failing: [], flaky: [], ...check })),
      })),
    );
    for (const name of row.roots.flatMap(({ checks }) => checks).flatMap(({ failing = [] }) => failing))
      for (const part of name.split(' > ')) expect(outcome?.body).toContain(part);
    expect(outcome?.files).toEqual(Object.keys(row.edits));
  });
});
