import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openShed } from '../support/client.js';

test('a thing goes out and comes back over HTTP', async (t) => {
  const shed = await openShed('2026-03-09');
  t.after(shed.close);
  const lent = await shed.post('/loans', { thing: 'drill', member: 'bo' });
  assert.equal(lent.status, 201);
  assert.deepEqual((await shed.get(`/loans/${lent.body.id}`)).body, lent.body);
  assert.equal((await shed.get('/things')).body.find((thing) => thing.id === 'drill').out_until, '2026-04-09');

  shed.day = '2026-04-11';
  const back = await shed.post(`/loans/${lent.body.id}/return`);
  assert.equal(back.status, 200);
  assert.equal(back.body.late_cents, 40);
});

test('what a member gets wrong is said in a sentence', async (t) => {
  const shed = await openShed('2026-03-09');
  t.after(shed.close);
  assert.deepEqual(await shed.get('/loans/7'), { status: 404, body: { error: 'There is no loan 7.' } });
  assert.equal((await shed.post('/loans', { thing: 'yacht', member: 'ada' })).status, 404);
  assert.equal((await shed.post('/loans', {})).status, 404);
  assert.equal((await shed.post('/loans', '{"thing":')).status, 400);
  assert.equal((await shed.post('/loans', '[]')).status, 400);
  assert.equal((await shed.post('/loans', 'x'.repeat(10_001))).status, 413);
  assert.equal((await shed.get('/teapot')).status, 404);
});

test('every request is logged', async (t) => {
  const shed = await openShed('2026-03-09');
  t.after(shed.close);
  await shed.get('/things');
  const [{ method, path, status }] = shed.logged;
  assert.deepEqual({ method, path, status }, { method: 'GET', path: '/things', status: 200 });
});
