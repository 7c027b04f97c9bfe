import { money } from '../../lib/format.ts';

interface Day {
  key: string | null;
  cost_micros: number;
}

/** The cost of each day as bars, the oldest first. Days without cost have a gap. Numbers are in the table by day. */
export function DayBars({ days, since }: { days: readonly Day[]; since: string }) {
  const costs = new Map(days.map(({ key, cost_micros }) => [key, cost_micros]));
  const first = Date.parse(since.slice(0, 10));
  const count = Math.floor((Date.parse(new Date().toISOString().slice(0, 10)) - first) / 86_400_000) + 1;
  const all = Array.from({ length: Math.max(1, count) }, (_, n) => {
    const day = new Date(first + n * 86_400_000).toISOString().slice(0, 10);
    return { day, cost: costs.get(day) ?? 0 };
  });
  const most = all.reduce((high, one) => (one.cost > high.cost ? one : high));
  return (
    <figure>
      <div
        role="img"
        aria-label={`Cost a day: ${days.length} of ${all.length} days have a cost, the highest is ${money(most.cost)} on ${most.day}`}
        className="flex h-28 items-end gap-px border-b sm:gap-0.5"
      >
        {all.map(({ day, cost }) => (
          <span
            key={day}
            title={`${day}: ${money(cost)}`}
            className="min-w-px flex-1 rounded-t-xs bg-ink"
            style={{ height: most.cost > 0 ? `${Math.max(cost > 0 ? 2 : 0, (cost / most.cost) * 100)}%` : 0 }}
          />
        ))}
      </div>
      <figcaption className="figures mt-1 flex justify-between text-2xs text-muted">
        <span>{all[0]?.day}</span>
        <span>highest {money(most.cost)}</span>
        <span>{all.at(-1)?.day}</span>
      </figcaption>
    </figure>
  );
}
