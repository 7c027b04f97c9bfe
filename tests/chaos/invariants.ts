import type { Block, Observation } from './observation.ts';

/** The evidence for invariants that hold after any fault; each check names its violations. */
export interface Evidence {
  rows: Observation;
  /** Requests that a model was sent for agents' turns: the conversation that it was asked to continue, and when. */
  asked: { run_id: string; conversation: string; at: Date }[];
  /** Messages that were accepted, by REST or by the Temporal server. */
  accepted: { run_id: string; content: string }[];
  /** Things that were to happen a known number of times. */
  effects: { what: string; expected: number; found: number }[];
  /** Leftovers of ended work: folders, processes, slots, workflows. */
  leftovers: string[];
  /** Histories that do not replay, with the reason. */
  unreplayable: string[];
  /** The most that one call of the model could cost, in micro-dollars. */
  dearest_call_micros: number;
}

export type Check = (evidence: Evidence) => string[];

const ended = ['completed', 'failed', 'cancelled'];

const oneTerminalState: Check = ({ rows }) => [
  ...rows.tasks
    .filter((task) => !ended.includes(task.status) || task.ended_at === null)
    .map((task) => `task ${task.id} is ${task.status}${task.ended_at ? '' : ', without an end'}`),
  ...rows.runs
    .filter((run) => !ended.includes(run.status) || run.ended_at === null)
    .map((run) => `run ${run.id} is ${run.status}${run.ended_at ? '' : ', without an end'}`),
];

function grouped<T, K>(rows: T[], keyOf: (row: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

const byRun = <T extends { run_id: string }>(rows: T[]) => grouped(rows, (row) => row.run_id);

const times = (list: (string | undefined)[], item: string) => list.filter((other) => other === item).length;

const wholeTranscript: Check = ({ rows }) => {
  const wrong: string[] = [];
  for (const [run, messages] of byRun(rows.transcript)) {
    messages.forEach((message, i) => {
      if (message.seq !== i + 1) wrong.push(`run ${run}: message ${i + 1} has number ${message.seq}`);
    });
    for (const [epoch, own] of grouped(messages, (message) => message.epoch)) {
      const blocks = own.flatMap((message) => message.content);
      const last = own.findLast((message) => message.role === 'assistant');
      const results = blocks.filter((block) => block.type === 'tool_result').map((block) => block.tool_use_id);
      const uses = blocks.filter((block) => block.type === 'tool_use');
      for (const { id = '' } of uses) {
        const found = times(results, id);
        // The last turn's results are in the store only: the model was not asked again.
        const open = found === 0 && own.at(-1) === last && last?.content.some((block) => block.id === id);
        if (found !== 1 && !open) wrong.push(`run ${run}, epoch ${epoch}: call ${id} has ${found} results`);
      }
      for (const id of results)
        if (!uses.some((block) => block.id === id))
          wrong.push(`run ${run}, epoch ${epoch}: a result of ${id}, which nobody called`);
    }
  }
  const open = rows.calls
    .filter((call) => call.status !== 'done')
    .map((call) => `run ${call.run_id}: call ${call.tool_use_id} of turn ${call.turn} is ${call.status}`);
  const gaps = [...byRun(rows.turns)].flatMap(([run, turns]) =>
    turns.flatMap(({ turn }, i) => (turn === i + 1 ? [] : [`run ${run}: turn ${i + 1} has number ${turn}`])),
  );
  return [...wrong, ...open, ...gaps];
};

const effectsOnce: Check = ({ effects, rows, asked }) => {
  const again = [...grouped(asked, (request) => `${request.run_id}/${request.conversation}`).values()].flatMap(
    (requests) => {
      const [first, last] = [requests[0], requests.at(-1)];
      const between = rows.turns.filter(
        (turn) => first && last && turn.run_id === first.run_id && turn.ended_at > first.at && turn.ended_at < last.at,
      );
      return between.length > 0
        ? [`turn ${between[0]?.turn} of run ${first?.run_id} was asked for after it was stored`]
        : [];
    },
  );
  const twice = [...grouped(rows.pull_requests, (pull) => pull.business_key)]
    .filter(([, pulls]) => pulls.length > 1)
    .map(([key, pulls]) => `${key} has ${pulls.length} pull requests`);
  return [
    ...effects
      .filter((effect) => effect.expected !== effect.found)
      .map(({ what, expected, found }) => `${what}: ${found} times, not ${expected}`),
    ...again,
    ...twice,
  ];
};

const textOf = (blocks: Block[]) => blocks.map((block) => block.text ?? '').join('\n');

const nothingAcceptedLost: Check = ({ rows, accepted }) => {
  const wrong = rows.messages
    .filter((message) => message.delivered_at_turn === null && message.refused_reason === null)
    .map((message) => `message ${message.id} was neither delivered nor refused`);
  for (const { run_id: run, content } of accepted) {
    const found = rows.messages.filter((message) => message.run_id === run && message.content === content);
    if (found.length !== 1) wrong.push(`"${content}" to run ${run} was accepted and is there ${found.length} times`);
    const tellings = rows.transcript.filter(
      (message) => message.run_id === run && message.role === 'user' && textOf(message.content).includes(content),
    );
    // A later epoch repeats the end of the one before.
    const told = tellings.filter((message) => message.epoch === tellings[0]?.epoch).length;
    const expected = found.filter((message) => message.delivered_at_turn !== null).length;
    if (told !== expected)
      wrong.push(
        `"${content}" to run ${run} was delivered ${expected} times and stands ${told} times in the conversation`,
      );
  }
  return wrong;
};

const withinBudget: Check = ({ rows, dearest_call_micros: dearest }) => [
  ...rows.budgets
    .filter((budget) => budget.spent_micros > budget.limit_micros + dearest)
    .map((budget) => `${budget.scope_type} ${budget.scope_id} spent ${budget.spent_micros} of ${budget.limit_micros}`),
  ...rows.budgets
    .filter((budget) => budget.scope_type === 'run')
    .flatMap((budget) => {
      // A run pays for those that answer its questions.
      const answering = rows.runs.filter((run) => run.caller_run_id === budget.scope_id);
      const paying = new Set([budget.scope_id, ...answering.map(({ id }) => id)]);
      const paid = rows.costs
        .filter((cost) => cost.run_id !== null && paying.has(cost.run_id))
        .reduce((sum, cost) => sum + cost.cost_micros, 0);
      return paid === budget.spent_micros
        ? []
        : [`run ${budget.scope_id} was charged ${budget.spent_micros} for calls of ${paid}`];
    }),
];

const nothingLeft: Check = ({ rows, leftovers }) => [
  ...leftovers,
  ...rows.reservations
    .filter((reservation) => reservation.state === 'held')
    .map((reservation) => `${reservation.id} still holds money`),
  ...rows.budgets
    .filter((budget) => budget.held_micros !== 0)
    .map((budget) => `${budget.scope_type} ${budget.scope_id} still holds ${budget.held_micros}`),
];

const everyHistoryReplays: Check = ({ unreplayable }) => unreplayable;

const invariants: Record<string, Check> = {
  'I1 one terminal state': oneTerminalState,
  'I2 whole transcript': wholeTranscript,
  'I3 effects once': effectsOnce,
  'I4 nothing accepted is lost': nothingAcceptedLost,
  'I5 within budget': withinBudget,
  'I6 nothing is left': nothingLeft,
  'I7 every history replays': everyHistoryReplays,
};

/** All that is broken, each line beginning with the invariant's name. */
export const broken = (evidence: Evidence): string[] =>
  Object.entries(invariants).flatMap(([name, check]) => check(evidence).map((what) => `${name}: ${what}`));
