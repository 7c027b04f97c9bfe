import fc from 'fast-check';
import { Turns } from '#workflows/support/turns.ts';

/** Lets everything run that waits for nothing but a promise. */
const settle = async (ticks: number) => {
  for (let i = 0; i < ticks; i += 1) await Promise.resolve();
};

test('callers work one at a time in the order in which they came, whenever each comes and however its work ends', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ after: fc.nat(6), takes: fc.nat(6), fails: fc.boolean() }), { maxLength: 12 }),
      async (callers) => {
        const turns = new Turns();
        const begun: number[] = [];
        let working = 0;
        const all: Promise<unknown>[] = [];
        for (const [i, { after, takes, fails }] of callers.entries()) {
          await settle(after);
          const taken = turns.take(async () => {
            begun.push(i);
            working += 1;
            expect(working).toBe(1);
            await settle(takes);
            working -= 1;
            if (fails) throw new Error('refused');
            return i;
          });
          all.push(fails ? expect(taken).rejects.toThrow('refused') : expect(taken).resolves.toBe(i));
        }
        await Promise.all(all);
        expect(begun).toEqual(callers.map((_, i) => i));
        expect(turns.taken).toBe(false);
      },
    ),
  );
});
