import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../src/log.js';

test('a request is one line', () => {
  const lines = [];
  createLog((line) => lines.push(line))({ method: 'POST', path: '/loans', status: 201, ms: 3 });
  assert.deepEqual(lines, ['POST /loans 201 3 ms']);
});

test('what broke is logged with its stack', () => {
  const lines = [];
  createLog((line) => lines.push(line))({ method: 'GET', path: '/things', status: 500, ms: 1, error: new Error('no shelf') });
  assert.match(lines[0], /^GET \/things 500 1 ms\nError: no shelf\n +at /);
});
