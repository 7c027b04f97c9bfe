import { createRefuseSpending } from '#activities/agent/turn/refuse-spending.ts';
import type { Services } from '#activities/ports/services.ts';
import type { NightTerms } from '#workflows/domain/agent/night-terms.ts';
import type { Run } from '#prisma/store/runs.ts';

/** A run that has spent its own $3, with the night in which its limit was raised last. */
function refusing(
  night: { from: string; until: string; raise_usd: number },
  raisedIn: string | null = null,
  { spent_micros = 3e6, terms = null }: { spent_micros?: number; terms?: NightTerms | null } = {},
) {
  const services = {
    config: { night: { ...night, time_zone: 'UTC' } },
    store: {
      budgets: { raiseAtNight: (_run: Run, raise: (last: string | null) => object | null) => raise(raisedIn) !== null },
    },
  } as unknown as Services;
  const budget = { scope_type: 'run', limit_micros: 3e6, spent_micros, period: null, period_end: null };
  const refusal = { ok: false, short: true, least: 120_000, budget: { ...budget, raise_role: 'admin' } };
  return createRefuseSpending(services)({ id: 'r' } as Run, refusal as never, terms);
}
/** HH:MM in UTC, so many hours from now. */
const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);

test('[BILL-17] a run that spends its limit by day waits until the night raises it, and says when', async () => {
  const waits = await refusing({ from: clock(2), until: clock(3), raise_usd: 2 });
  const until = 'until' in waits ? (waits.until ?? '') : '';
  expect(until.slice(11, 16)).toBe(clock(2));
  expect(waits).toMatchObject({
    kind: 'budget',
    message: expect.stringMatching(
      /^The budget of this run is spent: .* UTC the night policy raises it by \$2\.$/,
    ) as string,
  });
  const none = { from: clock(2), until: clock(3), raise_usd: 0 };
  expect(await refusing(none)).not.toHaveProperty('until');
  // What the launch says holds instead of the setting.
  expect(await refusing(none, null, { terms: { raise_usd: 5 } })).toMatchObject({
    message: expect.stringMatching(/ UTC the night policy raises it by \$5\.$/) as string,
  });
});

test('[BILL-17] a run whose budget is lower than a call says what is left and what a call may cost', async () => {
  const none = { from: '22:00', until: '07:00', raise_usd: 0 };
  expect(await refusing(none, null, { spent_micros: 2_950_000 })).toMatchObject({
    message:
      'The budget of this run is too low: $0.05 of $3.00 is left, and the next call may cost up to $0.12. Raise it, and the run continues.',
  });
});

test('[BILL-17] at night its limit is raised, and once it was, the next night does it again', async () => {
  const night = { from: '00:00', until: '00:00', raise_usd: 2 };
  await expect(refusing(night)).rejects.toMatchObject({ type: 'budget_held' });
  const today = new Date().toISOString().slice(0, 10);
  const waits = await refusing(night, today);
  const until = 'until' in waits ? Date.parse(waits.until ?? '') : 0;
  expect(until).toBeGreaterThan(Date.now());
  expect(until).toBeLessThanOrEqual(Date.now() + 86_400_000);
});
