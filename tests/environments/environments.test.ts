import path from 'node:path';
import { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import { scratchDir } from '#tests/ports/local/fixture.ts';
import { playTogether } from '#tests/support/play-together.ts';
import { share } from '#tests/support/share.ts';
import { playOnStack, type Outcome } from './on-stack.ts';
import { rows as all } from './rows/index.ts';
import type { Row } from './row.ts';
import { clientSettings, isOn, withTools } from './tools.ts';

/** `quick`: without the slow rows, and each played once. Another text is a pattern for the names of rows. */
const { ENVIRONMENTS: wanted = '' } = process.env;
const quick = wanted === 'quick';
const chosen = all.filter(({ name, slow }) => (quick ? !slow : new RegExp(wanted).test(name)));
const lacks = ({ needs = [] }: Row) => needs.filter((program) => !isOn(process.env.PATH ?? '', program));
const rows = share(chosen.filter((row) => lacks(row).length === 0));
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
      playOnStack(row, {
        dir: path.join(dir, String(rows.indexOf(row))),
        own,
        env: { ...process.env, ...env },
        again: !quick,
      }),
    );
  });
  afterAll(async () => {
    await own.stop();
    remove();
  });

  for (const row of chosen.filter((other) => lacks(other).length > 0))
    test.skip(`${row.name}: this machine lacks ${lacks(row).join(', ')}`, () => undefined);

  test.each(rows)('$name', async (row) => {
    const outcome = await outcomes.get(row);
    const [first, second] = outcome?.works ?? [];
    const again = second ? `, again ${second.seconds.toFixed(0)} s` : '';
    console.log(`${row.name}: survey ${outcome?.survey_s.toFixed(0)} s, work ${first?.seconds.toFixed(0)} s${again}`);
    expect(outcome?.roots).toEqual(
      row.roots.map((root) => ({
        missing: [],
        ...root,
        checks: root.checks.map((check) => ({ failing: [], flaky: [], ...check })),
      })),
    );
    expect(outcome?.works.map(({ files }) => files)).toEqual(outcome?.works.map(() => Object.keys(row.edits).sort()));
    const failing = row.roots.flatMap(({ checks }) => checks).flatMap((check) => check.failing ?? []);
    for (const { body } of outcome?.works ?? [])
      for (const part of failing.flatMap((name) => name.split(' > '))) expect(body).toContain(part);
  });
});
