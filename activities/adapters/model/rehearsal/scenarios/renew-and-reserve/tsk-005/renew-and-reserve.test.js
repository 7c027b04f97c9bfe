import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openShed } from '../support/client.js';

test('Ada keeps the tent until Bo wants it, then Bo has it, then Carmen', async (t) => {
  const shed = await openShed('2025-12-31');
  t.after(shed.close);

  const ada = (await shed.post('/loans', { thing: 'tent', member: 'ada' })).body;
  assert.equal(ada.due, '2026-01-31');
  shed.day = '2026-01-30';
  assert.equal((await shed.post(`/loans/${ada.id}/renew`)).body.due, '2026-02-28');

  assert.equal((await shed.post('/things/tent/reservations', { member: 'bo' })).body.place, 1);
  assert.equal((await shed.post('/things/tent/reservations', { member: 'carmen' })).body.place, 2);
  assert.equal((await shed.post(`/loans/${ada.id}/renew`)).status, 409);
  assert.equal((await shed.get(`/loans/${ada.id}`)).body.due, '2026-02-28');

  shed.day = '2026-02-28';
  const back = await shed.post(`/loans/${ada.id}/return`);
  assert.deepEqual({ late_cents: back.body.late_cents, next: back.body.next }, { late_cents: 0, next: 'bo' });
  assert.equal((await shed.post('/loans', { thing: 'tent', member: 'carmen' })).status, 409);
  const bo = await shed.post('/loans', { thing: 'tent', member: 'bo' });
  assert.equal(bo.status, 201);

  assert.equal((await shed.post(`/loans/${bo.body.id}/renew`)).status, 409);
  assert.equal((await shed.post(`/loans/${bo.body.id}/return`)).body.next, 'carmen');
});

test('who waits for one thing holds up no other', async (t) => {
  const shed = await openShed('2026-03-09');
  t.after(shed.close);
  const tent = (await shed.post('/loans', { thing: 'tent', member: 'ada' })).body;
  const drill = (await shed.post('/loans', { thing: 'drill', member: 'ada' })).body;
  await shed.post('/things/tent/reservations', { member: 'bo' });
  assert.equal((await shed.post(`/loans/${drill.id}/renew`)).body.due, '2026-05-09');
  assert.equal((await shed.post(`/loans/${drill.id}/return`)).body.next, null);
  assert.equal((await shed.post(`/loans/${tent.id}/renew`)).status, 409);
});
