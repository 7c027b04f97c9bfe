import { jest } from '@jest/globals';
import { dropUnused, makeAhead, takeOrMake } from '#activities/agent/sandbox-ahead.ts';
import type { Housed } from '#activities/agent/sandbox.ts';
import type { SandboxSpec } from '#activities/ports/sandbox.ts';

type Used = Parameters<typeof makeAhead>[0];

/** Sandboxes by their id, as a machine keeps them: one that exists keeps what it was made with. */
function machine(host: string | undefined = 'here') {
  const sandboxes = new Map<string, SandboxSpec>();
  const runs = new Map<string, string | null>();
  const services = {
    sandbox: {
      host,
      isolated: true,
      status: async (id: string) => (sandboxes.has(id) ? 'running' : 'absent'),
      create: async (spec: SandboxSpec) => void (sandboxes.has(spec.id) || sandboxes.set(spec.id, spec)),
      destroy: async (id: string) => void sandboxes.delete(id),
      labels: async (id: string) => sandboxes.get(id)?.labels,
      list: async () => [...sandboxes.keys()],
    },
    store: {
      projects: { get: async () => ({ settings: {} }) },
      runs: { sandboxHost: async (_: string, id: string) => runs.get(id) },
      sandboxes: { start: async () => {} },
    },
    repositories: { resolve: async (_: string, sha: string) => sha },
    model: { scripted: true },
    config: { sandbox: { memory_mb: 1, processes: 1, file_size_mb: 1, log_mb: 1, unsafe: false } },
    log: { warn: () => {} },
  } as unknown as Used;
  return { services, sandboxes, runs };
}

const run: Housed = {
  id: 'r1',
  organization_id: 'o1',
  project_id: 'p1',
  task_id: 't1',
  kind: 'task',
  mode: 'implementation',
  phase: null,
  sandbox_id: 's1',
  branch: 'task/t1',
  start_sha: 'a',
  head_sha: 'a',
};

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('a run takes the sandbox that was made for its files', async () => {
  const { services, sandboxes } = machine();
  await makeAhead(services, run);
  const made = sandboxes.get('s1');
  expect(await takeOrMake(services, run)).toBeInstanceOf(Function);
  expect(sandboxes.get('s1')).toBe(made);
});

test.each([
  ['another commit', { start_sha: 'b', head_sha: 'b' }],
  ['files that an earlier attempt left', { head_sha: 'b' }],
  ['another branch', { branch: 'task-t1' }],
  ['files that may not be changed', { mode: 'exploration' }],
])('a sandbox is thrown away where the run starts with %s', async (_what, other) => {
  const { services, sandboxes } = machine();
  await makeAhead(services, run);
  await takeOrMake(services, { ...run, ...other });
  const { start_sha = 'a', head_sha = 'a', branch = 'task/t1' } = other as Partial<Housed>;
  expect(sandboxes.get('s1')).toMatchObject({ base_sha: start_sha, restore_sha: head_sha, branch });
  expect(sandboxes.get('s1')?.access).toBe('mode' in other ? 'read_only' : 'read_write');
});

test('a sandbox that no run has taken within a minute is given back, and one that was taken stays', async () => {
  const { services, sandboxes, runs } = machine();
  await makeAhead(services, run);
  await makeAhead(services, { ...run, id: 'r2', sandbox_id: 's2' });
  runs.set('r2', 'here');
  await jest.advanceTimersByTimeAsync(59_000);
  expect([...sandboxes.keys()]).toEqual(['s1', 's2']);
  await jest.advanceTimersByTimeAsync(2_000);
  expect([...sandboxes.keys()]).toEqual(['s2']);
});

test('a sandbox is given back where its run has another one on another machine', async () => {
  const { services, sandboxes, runs } = machine();
  await makeAhead(services, run);
  runs.set('r1', 'there');
  await jest.advanceTimersByTimeAsync(61_000);
  expect(sandboxes.size).toBe(0);
});

test('the watch of the project gives back what a process made that has ended', async () => {
  const { services, sandboxes } = machine();
  await makeAhead(services, run);
  jest.clearAllTimers();
  await dropUnused(services, 'p1');
  expect(sandboxes.size).toBe(1);
  jest.setSystemTime(Date.now() + 61_000);
  await dropUnused(services, 'another');
  expect(sandboxes.size).toBe(1);
  await dropUnused(services, 'p1');
  expect(sandboxes.size).toBe(0);
});
