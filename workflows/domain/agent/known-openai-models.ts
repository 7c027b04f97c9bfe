import type { ModelFacts, Prices } from './model-facts.ts';

/** Tokens of a prompt above which input and cache cost twice as much, and output one and a half times. */
const longPrompt = 272_000;

/** A cache write for 30 minutes, the life that requests ask for, costs a quarter more than input. */
const ratesOf = (input: number, output: number, cache_read: number): Prices[] => {
  const rates = (factor: number, outputFactor: number): Prices => ({
    input: input * factor,
    output: output * outputFactor,
    cache_write_5m: input * factor * 1.25,
    cache_write_1h: input * factor * 1.25,
    cache_read: cache_read * factor,
  });
  return [{ up_to: longPrompt, ...rates(1, 1) }, rates(2, 1.5)];
};

/** Models of GPT-5.6 and later. The window holds at most 922,000 tokens of input. */
const current = {
  window: 1_050_000,
  max_output: 128_000,
  priced_on: '2026-11-25',
  thinking: ['adaptive'],
  thinks_by_default: true,
  display: 'omitted',
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  default_effort: 'medium',
  forced_tools: true,
  strict_schemas: true,
  // The provider has no such fields.
  eager_inputs: false,
  binds_thinking: false,
  system_messages: false,
  cache_marks: false,
  min_cache: 1024,
  // Images are sent with the detail "high". The number of a request is that of earlier models.
  images: { max_side: 2048, max_tokens: 2500, per_request: 500 },
} satisfies Omit<ModelFacts, 'prices'>;

/** The models of the Responses API by id, with list prices of the day in `priced_on`. docs/openai-wire.md has sources. */
export const openAiModels: Readonly<Record<string, ModelFacts>> = {
  'gpt-6.2-astra': { ...current, prices: ratesOf(8, 40, 0.4) },
  'gpt-6.2-sol': { ...current, prices: ratesOf(2, 10, 0.1) },
  'gpt-6.1-sol': { ...current, prices: ratesOf(2, 10, 0.1) },
  'gpt-6.1-terra': { ...current, prices: ratesOf(1, 5, 0.05) },
  'gpt-6-astra': { ...current, prices: ratesOf(10, 50, 1) },
  'gpt-6-sol': { ...current, prices: ratesOf(2, 10, 0.2) },
  'gpt-6-luna': { ...current, prices: ratesOf(0.1, 0.5, 0.01) },
  'gpt-5.6-sol': { ...current, prices: ratesOf(5, 30, 0.5) },
  'gpt-5.6-terra': { ...current, prices: ratesOf(2, 12, 0.2) },
  'gpt-5.6-luna': { ...current, prices: ratesOf(0.2, 1.2, 0.02) },
};
