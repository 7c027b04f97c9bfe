import assert from 'node:assert/strict';
import { test } from 'node:test';
import { borrow, giveBack } from '../src/loans.js';
import { renew } from '../src/renewals.js';
import { createShed, inventory } from '../src/shed.js';

const refused = (status, words) => (error) => error.status === status && words.test(error.message);

function lendTent(day) {
  const shed = createShed(inventory);
  return { shed, loan: borrow(shed, { thing: 'tent', member: 'ada' }, day) };
}

test('a renewal adds a month to the day the loan is due', () => {
  const { shed, loan } = lendTent('2026-03-09');
  assert.equal(renew(shed, loan.id, '2026-03-20').due, '2026-05-09');
  assert.equal(loan.renewals, 1);
});

test('from the 31st a renewal runs to the last day of a shorter month', () => {
  const { shed, loan } = lendTent('2025-12-31');
  assert.equal(loan.due, '2026-01-31');
  assert.equal(renew(shed, loan.id, '2026-01-20').due, '2026-02-28');
});

test('a loan is renewed twice at most', () => {
  const { shed, loan } = lendTent('2026-03-09');
  renew(shed, loan.id, '2026-03-20');
  renew(shed, loan.id, '2026-03-20');
  assert.throws(() => renew(shed, loan.id, '2026-03-20'), refused(409, /2 times at most/));
  assert.equal(loan.due, '2026-06-09');
});

test('on the day it is due a loan is renewed, a day later it is not', () => {
  const { shed, loan } = lendTent('2026-03-09');
  assert.equal(renew(shed, loan.id, '2026-04-09').due, '2026-05-09');
  assert.throws(() => renew(shed, loan.id, '2026-05-10'), refused(409, /due on 2026-05-09/));
});

test('a loan that has ended, or never was, is not renewed', () => {
  const { shed, loan } = lendTent('2026-03-09');
  giveBack(shed, loan.id, '2026-03-11');
  assert.throws(() => renew(shed, loan.id, '2026-03-12'), refused(409, /ended on 2026-03-11/));
  assert.throws(() => renew(shed, '7', '2026-03-12'), refused(404, /no loan 7/));
});
