import { readFileSync } from 'node:fs';
import path from 'node:path';
import { wordsOf } from '#activities/adapters/model/rehearsal/answer-question.ts';
import { sampleDir, startRehearsalServer, type RehearsalServer } from '#activities/adapters/model/rehearsal/index.ts';
import { citationsOf } from '#workflows/domain/agent/citations.ts';
import { Origin, type Checkout } from './origin.ts';
import { playSession } from './play-session.ts';

let server: RehearsalServer;
let checkout: Checkout;
beforeAll(async () => {
  server = await startRehearsalServer();
  const origin = await Origin.open();
  checkout = await origin.checkout(origin.base, 'exploration');
});
afterAll(() => server.close());

const ask = async (title: string) => {
  const { turns } = await playSession({
    url: () => server.url,
    context: { kind: 'explore', attempt: 1, title },
    checkout,
    maxTurns: 4,
  });
  return { answer: turns.at(-1)?.text ?? '', calls: turns.flatMap((turn) => turn.calls.map(({ name }) => name)) };
};

test('[WEB-06] the rehearsal answers a question about the code by its words, with places that exist, and says so', async () => {
  expect(server.refusal({ kind: 'question', title: 'q', description: 'q' })).toBeUndefined();
  const { answer, calls } = await ask('Where are months added to a loan that is due?');
  expect(calls).toEqual(['search_files']);
  expect(answer).toMatch(/^I am the rehearsal model/);
  const places = citationsOf(answer);
  expect(places.length).toBeGreaterThan(2);
  for (const place of places) {
    const line = readFileSync(path.join(sampleDir, place.path), 'utf8').split('\n')[place.line - 1] ?? '';
    expect(line).toMatch(/months|added|loan|due/i);
  }
  expect(places.some((place) => place.path === 'src/loans.js')).toBe(true);
});

test('a question whose words lead nowhere is answered without a place', async () => {
  expect(citationsOf((await ask('Which zeppelin?')).answer)).toEqual([]);
  expect((await ask('What does it do?')).calls).toEqual([]);
  expect(wordsOf('How does src/Tax.js use the tax rate?')).toEqual(['src', 'tax', 'rate']);
});
