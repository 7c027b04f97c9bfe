import { configuredModels, factsOf } from '#workflows/domain/agent/models.ts';
import { costOf, imageTokens, type TokenCounts } from '#workflows/domain/billing/prices.ts';

const million: TokenCounts = {
  input_tokens: 1_000_000,
  output_tokens: 1_000_000,
  cache_read_tokens: 1_000_000,
  cache_write_tokens: 1_000_000,
};
const small: TokenCounts = { ...million, input_tokens: 60_000, cache_read_tokens: 40_000, cache_write_tokens: 0 };

test.each<[string, string, '5m' | '1h', TokenCounts, number, number]>([
  ['a call', 'claude-sonnet-5-5', '5m', million, 2 + 0.1 + 2.5, 10],
  ['a cache of an hour', 'claude-sonnet-5-5', '1h', million, 2 + 0.1 + 4, 10],
  ['a price that follows no rule for reads', 'claude-opus-5-5', '5m', million, 4 + 0.2 + 5, 20],
  ['a prompt at the step', 'claude-haiku-5-5', '5m', small, 0.006 + 0.0004, 0.5],
  ['a prompt past the step', 'claude-haiku-5-5', '5m', { ...small, input_tokens: 60_001 }, 0.0300005 + 0.002, 2.5],
  ['a model of another platform', 'us.anthropic.claude-sonnet-5-5', '5m', million, 2 + 0.1 + 2.5, 10],
  ['a model without its date', 'claude-haiku-4-5', '5m', million, 1 + 0.1 + 1.25, 5],
  ['a model that only has a price', 'gpt-4-0613', '5m', million, 30 + 3 + 37.5, 60],
  ['an unknown model', 'mystery-1', '5m', million, 3 + 0.3 + 3.75, 15],
])('%s costs its price', (_what, model, cache_ttl, usage, input, output) => {
  const cost = costOf(model, usage, { cache_ttl });
  expect(cost.input_micros).toBe(Math.round(input * 1e6));
  expect(cost.output_micros).toBe(output * 1e6);
});

test('a price of the settings holds for its prefix, and the empty prefix only for unknown models', () => {
  const prices = { '': { input: 9, output: 9 }, 'claude-sonnet': { input: 1, output: 2, cache_read: 0 } };
  const cost = (model: string) => costOf(model, million, { prices, cache_ttl: '5m' }).input_micros / 1e6;
  expect(cost('claude-sonnet-5-5')).toBe(1 + 1.25);
  expect(cost('claude-opus-5-5')).toBe(4 + 0.2 + 5);
  expect(cost('mystery-1')).toBeCloseTo(9 + 0.9 + 11.25);
});

test('facts of the settings hold instead of the table, and make a model known', () => {
  const known = { 'mystery-1': { window: 50_000 }, 'claude-sonnet-5-5': { max_output: 10 } };
  expect(factsOf('mystery-1')).toMatchObject({ is_known: false, window: 200_000, thinking: [], forced_tools: false });
  expect(factsOf('mystery-1', { known })).toMatchObject({ is_known: true, window: 50_000, max_output: 16_000 });
  expect(factsOf('claude-sonnet-5-5', { known })).toMatchObject({ max_output: 10, window: 1_000_000 });
});

test.each([
  ['2026-08-01', undefined],
  ['2026-11-01', 'ends on 2026-11-30. Change model.name before.'],
  ['2026-12-01', 'ended on 2026-11-30. Change model.name.'],
])('on %s the notice for a model with an announced end is: %s', (day, notice) => {
  const [first] = configuredModels({ name: 'claude-sonnet-4-5', small_name: 'claude-haiku-5-5' }, new Date(day));
  expect(first?.notice).toBe(notice);
});

test('an unknown model, and one that may end any day, are reported', () => {
  const notices = configuredModels(
    { name: 'mystery-1', small_name: 'claude-haiku-4-5', judge_name: 'claude-opus-5-5' },
    new Date('2026-11-26'),
  ).map(({ setting, notice }) => [setting, notice]);
  expect(notices).toEqual([
    ['model.name', expect.stringContaining('is not a model of the table')],
    ['model.small_name', expect.stringContaining('may end any day since 2026-10-15')],
    ['model.judge_name', undefined],
  ]);
});

test.each([
  [28, 28, 1],
  [1000, 1000, 36 * 36],
  [10_000, 28, 92],
  [4000, 4000, 4784],
])('an image of %i x %i pixels counts as %i tokens', (width, height, tokens) => {
  expect(imageTokens(width, height, factsOf('claude-sonnet-5-5').images)).toBe(tokens);
});
