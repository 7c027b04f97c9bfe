import fc from 'fast-check';

export const parts = ['application', 'temporal', 'database'] as const;
const modelFaults = [
  'rate_limited',
  'overloaded',
  'server_error',
  'hang',
  'cut',
  'malformed',
  'unknown_tool',
  'huge',
  'silent',
  'talk',
  'refusal',
] as const;
const waysToSpeak = ['user_message', 'constraint', 'interrupt', 'signal', 'burst'] as const;

/** A fault strikes when the work's session asks for its n-th turn, or some time after. */
export type Fault = { turn: number } & (
  | { kind: 'kill'; part: (typeof parts)[number]; after_ms: number }
  | { kind: 'model'; how: (typeof modelFaults)[number]; seconds: number }
  | { kind: 'word'; way: (typeof waysToSpeak)[number]; after_ms: number }
  | { kind: 'noise' }
  | { kind: 'pause'; for_ms: number }
  | { kind: 'cancel'; after_ms: number }
  | { kind: 'sandbox'; what: 'processes' | 'folder'; after_ms: number }
);

const steps = ['count', 'slow_count', 'two_counts', 'write', 'reads'] as const;

export interface Plan {
  /** A quick ticket with these turns, or a small spec that is planned and built. */
  work: 'ticket' | 'spec';
  steps: (typeof steps)[number][];
  faults: Fault[];
}

const at = { turn: fc.integer({ min: 1, max: 6 }) };
const soon = fc.integer({ min: 0, max: 1500 });

const kill = fc.record({ ...at, kind: fc.constant('kill' as const), part: fc.constantFrom(...parts), after_ms: soon });
const awayModel = fc.record({
  ...at,
  kind: fc.constant('model' as const),
  how: fc.constantFrom(
    'rate_limited' as const,
    'overloaded' as const,
    'server_error' as const,
    'hang' as const,
    'cut' as const,
  ),
  seconds: fc.constantFrom(0, 1, 3),
});
const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 2, arbitrary: kill },
  {
    weight: 4,
    arbitrary: fc.record({
      ...at,
      kind: fc.constant('model' as const),
      how: fc.constantFrom(...modelFaults),
      seconds: fc.constantFrom(0, 1, 3),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...at,
      kind: fc.constant('word' as const),
      way: fc.constantFrom(...waysToSpeak),
      after_ms: soon,
    }),
  },
  { weight: 1, arbitrary: fc.record({ ...at, kind: fc.constant('noise' as const) }) },
  { weight: 2, arbitrary: fc.record({ ...at, kind: fc.constant('pause' as const), for_ms: soon }) },
  { weight: 1, arbitrary: fc.record({ ...at, kind: fc.constant('cancel' as const), after_ms: soon }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...at,
      kind: fc.constant('sandbox' as const),
      what: fc.constantFrom('processes' as const, 'folder' as const),
      after_ms: soon,
    }),
  },
);

const ticket: fc.Arbitrary<Plan> = fc.record({
  work: fc.constant('ticket' as const),
  steps: fc.array(fc.constantFrom(...steps), { minLength: 2, maxLength: 5 }),
  faults: fc.array(fault, { minLength: 1, maxLength: 3 }),
});
const spec: fc.Arbitrary<Plan> = fc.record({
  work: fc.constant('spec' as const),
  steps: fc.constant([]),
  faults: fc.array(fc.oneof(kill, awayModel), { minLength: 1, maxLength: 3 }),
});

/** The plan of a seed: the same number draws the same plan. */
export function planOf(seed: number): Plan {
  return fc.sample(fc.oneof({ weight: 9, arbitrary: ticket }, { weight: 1, arbitrary: spec }), {
    seed,
    numRuns: 1,
  })[0] as Plan;
}
