import { isLive, statuses, statusOf, toneFill, toneText } from '../../web/app/lib/status.ts';

test('every state of the table has a label, an icon and a colour, and no two states of one thing look the same', () => {
  for (const status of statuses) {
    const { label, tone, icon } = statusOf(status);
    expect([status, label.trim() !== '', icon !== undefined, toneFill[tone], toneText[tone]]).toEqual([
      status,
      true,
      true,
      expect.stringMatching(/^bg-/),
      expect.stringMatching(/^text-/),
    ]);
  }
  const look = (status: string) => `${statusOf(status).label} ${statusOf(status).tone}`;
  for (const group of [
    ['pending', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled'],
    ['not_started', 'running', 'at_gate', 'passed', 'not_passed'],
    ['open', 'merged', 'closed'],
    ['connecting', 'live', 'reconnecting', 'offline'],
  ])
    expect(new Set(group.map(look)).size).toBe(group.length);
  expect(statusOf('a_new_word')).toMatchObject({ label: 'a new word', tone: 'neutral' });
});

test('work goes on until its end', () => {
  expect(['pending', 'running', 'paused', 'completed', 'failed'].map(isLive)).toEqual([true, true, true, false, false]);
});
