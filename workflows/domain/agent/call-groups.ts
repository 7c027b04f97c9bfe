/** How many calls of an effect may run together. */
const together: Readonly<Partial<Record<string, number>>> = { read: Infinity, explore: 4 };

/** The calls that run together: reads or explorations beside each other, or one of any other kind. */
export function nextGroup<Call extends { effect: string }>(open: Call[], from: number): Call[] {
  const effect = open[from]?.effect ?? '';
  const group = open.slice(from, from + 1);
  while (group.length < (together[effect] ?? 1) && open[from + group.length]?.effect === effect)
    group.push(open[from + group.length] as Call);
  return group;
}

/** Whether none of the calls that are left may change files: the checkpoint of the turn is taken before them. */
export const lastChange = (left: { effect: string }[]): boolean =>
  !left.some(({ effect }) => effect === 'command' || effect === 'write');
