import { nightOfTicket } from '#workflows/domain/agent/night-terms.ts';

test('the terms of a ticket are read from its row, and what is none is refused', () => {
  const night = { stop_at: '2030-01-31T07:00:00Z', forbidden_paths: ['docs/**'], raise_usd: 2, wake_me: ['done'] };
  expect(nightOfTicket({ night })).toEqual(night);
  expect(nightOfTicket({ night: { ...night, from_a_later_version: true } })).toEqual(night);
  expect(nightOfTicket({ night: null })).toBeNull();
  expect(() => nightOfTicket({ night: { forbidden_paths: 'docs/**' } })).toThrow('forbidden_paths');
  expect(() => nightOfTicket({ night: ['docs/**'] })).toThrow();
});
