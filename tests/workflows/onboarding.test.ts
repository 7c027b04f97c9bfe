import { newOnboarding, syncOnboarding, takeStep } from '#workflows/domain/access/onboarding.ts';

const now = new Date(0);
const later = new Date(1000);

test('[AUTH-18] a step marks the one before as done and merges its data', () => {
  const second = takeStep(newOnboarding, 'repo', { name: 'Acme' }, now);
  expect(second).toEqual({
    current_step: 'repo',
    completed_steps: ['welcome'],
    data: { name: 'Acme' },
    sync_version: 2,
    completed_at: null,
  });
  expect(takeStep(second, 'first-spec', { repository: '/r' }, now)).toMatchObject({
    completed_steps: ['welcome', 'repo'],
    data: { name: 'Acme', repository: '/r' },
  });
});

test('[AUTH-18] going back marks nothing as done, and an item of the checklist moves nobody', () => {
  const there = takeStep(newOnboarding, 'plan', {}, now);
  expect(takeStep(there, 'repo', {}, now)).toMatchObject({ current_step: 'repo', completed_steps: ['welcome'] });
  expect(takeStep(there, 'review-pr', {}, now)).toMatchObject({
    current_step: 'plan',
    completed_steps: ['welcome', 'review-pr'],
  });
});

test('[AUTH-18] the time of completion is the first, until the steps are opened again', () => {
  const done = takeStep(newOnboarding, 'complete', {}, now);
  expect(done).toMatchObject({ completed_steps: ['welcome', 'complete'], completed_at: now });
  expect(takeStep(done, 'watch-agent', {}, later)).toMatchObject({ completed_at: now });
  expect(takeStep(done, 'repo', {}, later).completed_at).toBeNull();
});

test('[AUTH-18] a stale device gets the state of the server, a newer one is merged and counts one up', () => {
  const server = takeStep(newOnboarding, 'repo', { name: 'Acme' }, now);
  const device = { current_step: 'plan', completed_steps: ['first-spec'], data: { words: 'x' } } as const;
  const from = (version: number) =>
    syncOnboarding(server, { ...device, completed_steps: [...device.completed_steps], sync_version: version }, now);
  expect(from(1)).toBe(server);
  for (const version of [2, 7])
    expect(from(version)).toMatchObject({
      current_step: 'plan',
      completed_steps: ['welcome', 'first-spec'],
      data: { name: 'Acme', words: 'x' },
      sync_version: version + 1,
    });
});
