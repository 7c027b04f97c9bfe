interface ChosenTask {
  id: string;
  ticket_id: string;
  depends_on: readonly string[];
}
interface ChosenTicket {
  id: string;
  blocked_by: readonly string[];
}

/**
 * These tasks and all that has to be done before them: the tasks that they wait for, and those of tickets that their
 * ticket waits for.
 */
export function neededFor(ids: readonly string[], tasks: readonly ChosenTask[], tickets: readonly ChosenTicket[]) {
  const needed = new Set<string>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (needed.has(id)) continue;
    needed.add(id);
    const task = tasks.find((one) => one.id === id);
    if (!task) continue;
    const before = tickets.find((ticket) => ticket.id === task.ticket_id)?.blocked_by ?? [];
    open.push(...task.depends_on, ...tasks.flatMap((one) => (before.includes(one.ticket_id) ? [one.id] : [])));
  }
  return needed;
}
