import assert from 'node:assert/strict';
import { test } from 'node:test';
import { borrow, giveBack, lateCents } from '../src/loans.js';
import { createShed, inventory, listThings } from '../src/shed.js';

const refused = (status, words) => (error) => error.status === status && words.test(error.message);

test('a thing is lent for a month', () => {
  const shed = createShed(inventory);
  const loan = borrow(shed, { thing: 'tent', member: 'ada' }, '2026-03-09');
  assert.deepEqual(loan, { id: '1', thing: 'tent', member: 'ada', from: '2026-03-09', due: '2026-04-09', returned: null });
  assert.equal(listThings(shed).find((thing) => thing.id === 'tent').out_until, '2026-04-09');
});

test('what is out cannot be lent again until it is back', () => {
  const shed = createShed(inventory);
  const loan = borrow(shed, { thing: 'tent', member: 'ada' }, '2026-03-09');
  assert.throws(() => borrow(shed, { thing: 'tent', member: 'bo' }, '2026-03-10'), refused(409, /out until 2026-04-09/));
  giveBack(shed, loan.id, '2026-03-11');
  assert.equal(borrow(shed, { thing: 'tent', member: 'bo' }, '2026-03-12').member, 'bo');
});

test('only members borrow, and only what the shed has', () => {
  const shed = createShed(inventory);
  assert.throws(() => borrow(shed, { thing: 'tent', member: 'zoe' }, '2026-03-09'), refused(404, /not a member/));
  assert.throws(() => borrow(shed, { thing: 'yacht', member: 'ada' }, '2026-03-09'), refused(404, /no "yacht"/));
});

test('late is 20 cents a day, 5 euros at most', () => {
  assert.equal(lateCents('2026-04-09', '2026-04-01'), 0);
  assert.equal(lateCents('2026-04-09', '2026-04-09'), 0);
  assert.equal(lateCents('2026-04-09', '2026-04-12'), 60);
  assert.equal(lateCents('2026-04-09', '2026-09-09'), 500);
});

test('a loan ends once', () => {
  const shed = createShed(inventory);
  const { id } = borrow(shed, { thing: 'press', member: 'ute' }, '2026-03-09');
  assert.equal(giveBack(shed, id, '2026-04-10').late_cents, 20);
  assert.throws(() => giveBack(shed, id, '2026-04-11'), refused(409, /ended on 2026-04-10/));
});
