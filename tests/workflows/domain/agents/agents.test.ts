import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { agentName, sameCapabilities } from '#workflows/domain/agents/agent.ts';
import {
  allowedSilence,
  checksumText,
  missedBeats,
  missingNumbers,
  silence,
  statusOfBeat,
  statusOfSilence,
} from '#workflows/domain/agents/heartbeat.ts';
import { bestFit, canTake, matchScore, type Place } from '#workflows/domain/agents/match.ts';
import { mayRestart } from '#workflows/domain/agents/restart.ts';
import { mayMove, nextStatuses, statusesOf, transitions } from '#workflows/domain/transitions.ts';

const place: Place = {
  ...{ agent_type: 'worker', phase_id: null, capabilities: ['typescript', 'sql'], capacity: 1 },
  ...{ status: 'idle', available: true, missed: 0, busy: 0 },
};
const wanted = { capabilities: ['typescript', 'sql'], phase_id: null };

test('an agent is named by its type, its phase and a number', () => {
  expect(agentName('worker', 'PHASE_IMPLEMENTATION', 1)).toBe('worker-implementation-001');
  expect(agentName('reviewer', 'PHASE_CODE_REVIEW', 12)).toBe('reviewer-code-review-012');
  expect(agentName('specialist', null, 1000)).toBe('specialist-any-1000');
});

test('capabilities are compared without case and outer space, and each counts once', () => {
  expect(sameCapabilities([' SQL', 'sql', '', 'TypeScript '])).toEqual(['sql', 'typescript']);
});

test.each<[string, Partial<Place>, number]>([
  ['a perfect idle one of capacity 1', {}, 1.45],
  ['one of capacity 3', { capacity: 3 }, 1.55],
  ['one of the most capacity that counts', { capacity: 5 }, 1.65],
  ['one of more capacity', { capacity: 10 }, 1.65],
  ['one that works', { status: 'running' }, 1.25],
  ['one whose heartbeat is missing', { missed: 1 }, 1.25],
  ['a degraded one', { status: 'degraded', missed: 2 }, 1.05],
  ['one with half of the capabilities', { capabilities: ['sql'] }, 0.95],
  ['one with none of them', { capabilities: ['rust'], capacity: 10 }, 0],
])('the score of %s', (_name, change, score) => {
  expect(matchScore({ ...place, ...change }, wanted)).toBe(score);
});

test('a task goes only to an agent that works, has room, and has all that it wants', () => {
  const no: Partial<Place>[] = [
    { capabilities: ['sql'] },
    { agent_type: 'monitor' },
    { phase_id: 'PHASE_TESTING' },
    { busy: 1 },
    { available: false },
    ...(['spawning', 'degraded', 'failed', 'quarantined', 'terminated'] as const).map((status) => ({ status })),
  ];
  const task = { ...wanted, phase_id: 'PHASE_IMPLEMENTATION' };
  expect(canTake(place, task)).toBe(true);
  expect(no.filter((change) => canTake({ ...place, ...change }, task))).toEqual([]);
  expect(bestFit([place, { ...place, capacity: 4 }], task)).toMatchObject({ capacity: 4 });
  expect(
    bestFit(
      no.map((change) => ({ ...place, ...change })),
      task,
    ),
  ).toBeUndefined();
});

test('no agent that may take a task has a better one beside it that may take it too', () => {
  const one = fc.record<Place>({
    agent_type: fc.constantFrom('worker', 'reviewer', 'monitor'),
    phase_id: fc.constantFrom(null, 'PHASE_TESTING'),
    capabilities: fc.subarray(['a', 'b', 'c']),
    capacity: fc.integer({ min: 1, max: 10 }),
    status: fc.constantFrom(...(Object.keys(transitions.agent) as Place['status'][])),
    available: fc.boolean(),
    missed: fc.integer({ min: 0, max: 3 }),
    busy: fc.integer({ min: 0, max: 10 }),
  });
  fc.assert(
    fc.property(fc.array(one), fc.subarray(['a', 'b', 'c']), (places, capabilities) => {
      const task = { capabilities, phase_id: 'PHASE_TESTING' };
      const best = bestFit(places, task);
      const able = places.filter((each) => canTake(each, task));
      expect(best === undefined).toBe(able.length === 0);
      for (const each of able) expect(matchScore(each, task)).toBeLessThanOrEqual(matchScore(best as Place, task));
    }),
  );
});

test('the checksum is of JSON with sorted keys, whatever their order was', () => {
  const beat = { timestamp: 't', sequence_number: 2, health_metrics: { b: [{ z: 1, a: null }], a: 'é' } };
  expect(checksumText(beat)).toBe(
    '{"health_metrics":{"a":"é","b":[{"a":null,"z":1}]},"sequence_number":2,"timestamp":"t"}',
  );
  const hash = (value: object) => createHash('sha256').update(checksumText(value)).digest('hex');
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      expect(hash(Object.fromEntries(Object.entries(value).reverse()))).toBe(hash(value));
    }),
  );
});

test('numbers that were left out are named, a hundred at most', () => {
  expect(missingNumbers(3, 4)).toEqual([]);
  expect(missingNumbers(3, 7)).toEqual([4, 5, 6]);
  expect(missingNumbers(7, 3)).toEqual([]);
  expect(missingNumbers(0, 1_000_000)).toHaveLength(100);
});

test('three heartbeats are 90 s for agents, 45 for monitors and 180 for the guardian', () => {
  const failsAfter = (type: Parameters<typeof allowedSilence>[0]) => {
    const allowed = allowedSilence(type, 30);
    return [0, 1, 2, 3].map((n) => missedBeats(n * allowed, allowed)).at(-1) === 3 ? 3 * allowed : undefined;
  };
  expect([failsAfter('worker'), failsAfter('monitor'), failsAfter('watchdog'), failsAfter('guardian')]).toEqual([
    ...[90, 45, 45, 180],
  ]);
  expect([29, 30, 59, 60, 89, 90, 900].map((seconds) => missedBeats(seconds, 30))).toEqual([0, 1, 1, 2, 2, 3, 3]);
});

test('a clock that jumps fails nobody, and neither does a time without looks', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 8 }), (clock, sweeps) => {
      const silent = silence(clock, sweeps, 10);
      expect(silent).toBeGreaterThanOrEqual(0);
      expect(missedBeats(silent, 30)).toBeLessThanOrEqual(Math.floor(sweeps / 3));
    }),
  );
});

test('silence leads down one step at a time, by moves of the table alone, and a heartbeat leads back from degraded', () => {
  expect(statusOfSilence('idle', 1)).toBe('idle');
  expect(statusOfSilence('idle', 2)).toBe('degraded');
  expect(statusOfSilence('idle', 3)).toBe('degraded');
  expect(statusOfSilence('degraded', 3)).toBe('failed');
  expect(statusOfSilence('running', 3)).toBe('failed');
  expect(statusOfSilence('spawning', 2)).toBe('spawning');
  for (const status of statusesOf('agent') as Place['status'][]) {
    for (const missed of [0, 1, 2, 3]) expect(mayMove('agent', status, statusOfSilence(status, missed))).toBe(true);
    expect(mayMove('agent', status, statusOfBeat(status))).toBe(true);
  }
  expect(statusOfBeat('degraded')).toBe('idle');
  expect(statusOfBeat('failed')).toBe('failed');
});

test('the statuses of agents follow the table', () => {
  expect(
    Object.fromEntries(statusesOf('agent').map((status) => [status, [...nextStatuses('agent', status)].sort()])),
  ).toEqual({
    spawning: ['failed', 'idle', 'terminated'],
    idle: ['degraded', 'quarantined', 'running', 'terminated'],
    running: ['degraded', 'failed', 'idle', 'quarantined'],
    degraded: ['failed', 'idle', 'quarantined', 'terminated'],
    failed: ['quarantined', 'terminated'],
    quarantined: ['idle', 'terminated'],
    terminated: [],
  });
});

test('an agent is restarted after a minute, three times an hour, and then a person is asked', () => {
  const limits = { cooldown: 60, per_hour: 3 };
  expect(mayRestart([], limits)).toEqual({ restart: true });
  expect(mayRestart([59], limits)).toMatchObject({ restart: false, escalate: false });
  expect(mayRestart([60, 1000], limits)).toEqual({ restart: true });
  expect(mayRestart([60, 1000, 3599], limits)).toMatchObject({ restart: false, escalate: true });
  expect(mayRestart([60, 1000, 3600], limits)).toEqual({ restart: true });
});
