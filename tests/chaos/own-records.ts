import { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import { Records } from './observation.ts';

/** A stack of the test file's own with a look into its records, from before the first test until after the last. */
export function ownStackWithRecords(env: Record<string, string> = {}): {
  readonly own: OwnStack;
  readonly records: Records;
} {
  const held = {} as { own: OwnStack; records: Records };
  beforeAll(async () => {
    held.own = await OwnStack.start(env);
    held.records = Records.of(held.own.stack);
  });
  afterAll(async () => {
    await held.records.close();
    await held.own.stop();
  });
  return held;
}
