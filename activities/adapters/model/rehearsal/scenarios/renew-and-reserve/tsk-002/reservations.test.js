import assert from 'node:assert/strict';
import { test } from 'node:test';
import { borrow } from '../src/loans.js';
import { reserve, waitingFor } from '../src/reservations.js';
import { createShed, inventory } from '../src/shed.js';
import { openShed } from '../support/client.js';

const refused = (status, words) => (error) => error.status === status && words.test(error.message);

function tentIsOut() {
  const shed = createShed(inventory);
  borrow(shed, { thing: 'tent', member: 'ada' }, '2026-03-09');
  return shed;
}

test('members wait in the order they asked', () => {
  const shed = tentIsOut();
  assert.deepEqual(reserve(shed, 'tent', { member: 'bo' }), { thing: 'tent', member: 'bo', place: 1 });
  assert.equal(reserve(shed, 'tent', { member: 'carmen' }).place, 2);
  assert.deepEqual(waitingFor(shed, 'tent'), ['bo', 'carmen']);
  assert.deepEqual(waitingFor(shed, 'press'), []);
});

test('nobody is on the list twice, nor waits for what they have', () => {
  const shed = tentIsOut();
  reserve(shed, 'tent', { member: 'bo' });
  assert.throws(() => reserve(shed, 'tent', { member: 'bo' }), refused(409, /Bo is on the list/));
  assert.throws(() => reserve(shed, 'tent', { member: 'ada' }), refused(409, /with you already/));
  assert.deepEqual(waitingFor(shed, 'tent'), ['bo']);
});

test('what is in the shed, or was never there, is not reserved', () => {
  const shed = tentIsOut();
  assert.throws(() => reserve(shed, 'press', { member: 'bo' }), refused(409, /just borrow it/));
  assert.throws(() => reserve(shed, 'yacht', { member: 'bo' }), refused(404, /no "yacht"/));
});

test('a thing is reserved over HTTP', async (t) => {
  const shed = await openShed('2026-03-09');
  t.after(shed.close);
  await shed.post('/loans', { thing: 'tent', member: 'ada' });
  assert.deepEqual(await shed.post('/things/tent/reservations', { member: 'bo' }), { status: 201, body: { thing: 'tent', member: 'bo', place: 1 } });
  assert.equal((await shed.post('/things/yacht/reservations', { member: 'bo' })).status, 404);
});
