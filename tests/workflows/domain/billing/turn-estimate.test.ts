import { affordableOutput, estimateTurn } from '#workflows/domain/billing/turn-estimate.ts';
import type { Pricing } from '#workflows/domain/billing/prices.ts';

const pricing: Pricing = { prices: { '': { input: 2, output: 10 } }, cache_ttl: '5m' };
const call = { model: 'any', tokens: 1000, cached_tokens: 0, max_output_tokens: 10_000 };

test('a call is estimated with all its output, with the least that makes sense, and with none', () => {
  // 1,000 tokens, written to the cache at 1.25 times the price of input.
  expect(estimateTurn(call, pricing)).toEqual({
    max_output_tokens: 10_000,
    full_micros: 2500 + 100_000,
    minimum_micros: 2500 + 81_920,
    prompt_micros: 2500,
  });
});

test('cached tokens cost a tenth, and never make the rest negative', () => {
  expect(estimateTurn({ ...call, cached_tokens: 600 }, pricing).prompt_micros).toBe(600 * 0.2 + 400 * 2.5);
  expect(estimateTurn({ ...call, cached_tokens: 5000 }, pricing).prompt_micros).toBe(1000);
});

test('a small output limit is its own minimum', () => {
  const { full_micros, minimum_micros } = estimateTurn({ ...call, max_output_tokens: 100 }, pricing);
  expect(minimum_micros).toBe(full_micros);
});

test('the reserved money sets the output limit, between one token and the full limit', () => {
  const estimate = estimateTurn(call, pricing);
  expect(affordableOutput(estimate, estimate.full_micros)).toBe(10_000);
  expect(affordableOutput(estimate, estimate.minimum_micros)).toBe(8192);
  expect(affordableOutput(estimate, estimate.full_micros * 2)).toBe(10_000);
  expect(affordableOutput(estimate, 0)).toBe(1);
});
