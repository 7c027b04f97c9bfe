import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addMonths, daysBetween } from '../src/calendar.js';

test('a month later is the same day of the next month', () => {
  assert.equal(addMonths('2026-03-09', 1), '2026-04-09');
  assert.equal(addMonths('2026-01-28', 1), '2026-02-28');
});

test('months run over the end of a year', () => {
  assert.equal(addMonths('2026-12-05', 1), '2027-01-05');
  assert.equal(addMonths('2026-11-30', 14), '2028-01-30');
});

test('days are counted over months, leap days and changes of the clocks', () => {
  assert.equal(daysBetween('2026-03-09', '2026-03-09'), 0);
  assert.equal(daysBetween('2028-02-28', '2028-03-01'), 2);
  assert.equal(daysBetween('2026-03-28', '2026-03-30'), 2);
  assert.equal(daysBetween('2026-03-10', '2026-03-09'), -1);
});
