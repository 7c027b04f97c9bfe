import type { ModelFacts, Prices } from './model-facts.ts';

const ratesOf = (input: number, output: number, cache_read: number): Prices => ({
  input,
  output,
  cache_write_5m: input * 1.25,
  cache_write_1h: input * 2,
  cache_read,
});

/** Models of 4.7 and later: a window of a million tokens, thinking that decides itself, large images. */
const current = {
  window: 1_000_000,
  max_output: 128_000,
  priced_on: '2026-11-25',
  thinking: ['adaptive'],
  thinks_by_default: true,
  display: 'omitted',
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  default_effort: 'high',
  forced_tools: false,
  strict_schemas: true,
  eager_inputs: true,
  binds_thinking: true,
  system_messages: true,
  cache_marks: true,
  min_cache: 512,
  images: { max_side: 2576, max_tokens: 4784, per_request: 600 },
} satisfies Omit<ModelFacts, 'prices'>;

const withoutBinding = {
  ...current,
  thinking: ['adaptive', 'disabled'],
  forced_tools: true,
  binds_thinking: false,
} satisfies Omit<ModelFacts, 'prices'>;

const smallImages = { max_side: 1568, max_tokens: 1568, per_request: 600 };

/** Models of 4.6: thinking only where a request asks for it. */
const of46 = {
  ...withoutBinding,
  thinking: ['adaptive', 'disabled', 'enabled'],
  thinks_by_default: false,
  display: 'summarized',
  efforts: ['low', 'medium', 'high', 'max'],
  system_messages: false,
  images: smallImages,
} satisfies Omit<ModelFacts, 'prices'>;

/** Models of 4.5: a budget for thinking instead of a level, a window of 200,000 tokens. */
const of45 = {
  ...of46,
  window: 200_000,
  max_output: 64_000,
  thinking: ['disabled', 'enabled'],
  efforts: [],
  default_effort: undefined,
  images: { ...smallImages, per_request: 100 },
} satisfies Omit<ModelFacts, 'prices'>;

/** The models of the Messages API by id. Names, limits and prices are the vendor's of the day in `priced_on`. */
export const knownModels: Readonly<Record<string, ModelFacts>> = {
  'claude-fable-5-2': { ...current, prices: [ratesOf(8, 40, 0.2)] },
  'claude-fable-5-1': { ...current, prices: [ratesOf(10, 50, 0.25)] },
  'claude-opus-5-5': {
    ...current,
    default_effort: 'medium',
    prices: [ratesOf(4, 20, 0.2)],
    retires: { on: '2027-09-22', announced: false },
  },
  'claude-sonnet-5-5': {
    ...current,
    thinking: ['adaptive', 'between_tools'],
    prices: [ratesOf(2, 10, 0.1)],
    retires: { on: '2027-09-28', announced: false },
  },
  'claude-haiku-5-5': {
    ...current,
    thinking: ['adaptive', 'disabled'],
    default_effort: 'medium',
    forced_tools: true,
    // No source says that it accepts them.
    system_messages: false,
    prices: [{ up_to: 100_000, ...ratesOf(0.1, 0.5, 0.01) }, ratesOf(0.5, 2.5, 0.05)],
    retires: { on: '2027-10-07', announced: false },
  },
  'claude-opus-5': { ...withoutBinding, prices: [ratesOf(5, 25, 0.5)] },
  'claude-sonnet-5': { ...withoutBinding, system_messages: false, min_cache: 1024, prices: [ratesOf(2, 10, 0.2)] },
  'claude-opus-4-8': { ...withoutBinding, thinks_by_default: false, min_cache: 1024, prices: [ratesOf(5, 25, 0.5)] },
  'claude-opus-4-7': {
    ...withoutBinding,
    thinks_by_default: false,
    system_messages: false,
    min_cache: 2048,
    prices: [ratesOf(5, 25, 0.5)],
    retires: { on: '2027-04-16', announced: false },
  },
  'claude-opus-4-6': {
    ...of46,
    min_cache: 4096,
    prices: [ratesOf(5, 25, 0.5)],
    retires: { on: '2027-02-05', announced: false },
  },
  'claude-sonnet-4-6': {
    ...of46,
    min_cache: 1024,
    prices: [ratesOf(3, 15, 0.3)],
    retires: { on: '2027-02-17', announced: false },
  },
  'claude-opus-4-5-20251101': {
    ...of45,
    efforts: ['low', 'medium', 'high'],
    default_effort: 'high',
    min_cache: 4096,
    prices: [ratesOf(5, 25, 0.5)],
    retires: { on: '2026-11-24', announced: false },
  },
  'claude-sonnet-4-5-20250929': {
    ...of45,
    min_cache: 1024,
    prices: [ratesOf(3, 15, 0.3)],
    retires: { on: '2026-11-30', announced: true },
  },
  'claude-haiku-4-5-20251001': {
    ...of45,
    min_cache: 4096,
    prices: [ratesOf(1, 5, 0.1)],
    retires: { on: '2026-10-15', announced: false },
  },
};
