import { knownModels } from './known-models.ts';
import { openAiModels } from './known-openai-models.ts';
import type { ModelFacts, Prices, PriceSetting } from './model-facts.ts';

/** The settings that change or extend the table of models. */
export interface ModelSettings {
  /** By the longest matching prefix of the model's id; `''` is for an unknown model. */
  prices?: Record<string, PriceSetting>;
  /** Facts of a model by its id. They hold instead of the table's. */
  known?: Record<string, Partial<ModelFacts>>;
}

/**
 * The facts of a model. `is_known` is false where neither the table nor the settings name it, `is_priced` where nothing
 * says its price, so that a careful one is taken.
 */
export type FoundModel = ModelFacts & { id: string; is_known: boolean; is_priced: boolean };

/** Prices where only those of input and output are known. */
const pricesFrom = (price: PriceSetting): Prices => ({
  cache_write_5m: price.input * 1.25,
  cache_write_1h: price.input * 2,
  cache_read: price.input * 0.1,
  ...price,
});

/** Prices of models that the table does not describe, by the prefix of their ids. */
const otherPrices: Record<string, PriceSetting> = {
  'claude-opus': { input: 15, output: 75 },
  'claude-haiku': { input: 0.25, output: 1.25 },
  'gpt-4-turbo': { input: 10, output: 30 },
  'gpt-4': { input: 30, output: 60 },
  'gpt-3.5-turbo': { input: 0.5, output: 1.5 },
  'text-embedding-3-small': { input: 0.02, output: 0 },
  'text-embedding-3-large': { input: 0.13, output: 0 },
};

const unknownPrice: PriceSetting = { input: 3, output: 15 };

/** Limits that hold for every model of the last years, and no feature that a server could refuse. */
const unknownModel: Omit<ModelFacts, 'prices'> = {
  window: 200_000,
  max_output: 16_000,
  thinking: [],
  thinks_by_default: false,
  display: 'omitted',
  efforts: [],
  forced_tools: false,
  strict_schemas: false,
  eager_inputs: false,
  binds_thinking: true,
  system_messages: false,
  // Servers that cache nothing ignore the marks, and without them a gateway to a known model costs many times more.
  cache_marks: true,
  min_cache: 4096,
  images: { max_side: 2576, max_tokens: 4784, per_request: 100 },
};

function longestPrefix<T>(model: string, table: Readonly<Record<string, T>>): T | undefined {
  const [name] = Object.keys(table)
    .filter((prefix) => model.startsWith(prefix))
    .sort((a, b) => b.length - a.length);
  return name === undefined ? undefined : table[name];
}

/** Other platforms name the vendor before the id. The models of 2025 have a name without their date, too. */
function tableEntry(model: string): ModelFacts | undefined {
  const id = model.replace(/^(?:[a-z]+\.)?anthropic\./, '');
  return (
    knownModels[id] ??
    Object.entries(knownModels).find(([dated]) => dated.replace(/-\d{8}$/, '') === id)?.[1] ??
    openAiModels[id.replace(/^openai\//, '')]
  );
}

/** The facts of a model by its id. An unknown model gets careful values and the price of `''`. */
export function factsOf(model: string, settings: ModelSettings = {}): FoundModel {
  const entry = tableEntry(model);
  const given = settings.known?.[model];
  const { '': other, ...prices } = settings.prices ?? {};
  const price = longestPrefix(model, entry ? prices : { ...otherPrices, ...prices });
  return {
    ...unknownModel,
    prices: [pricesFrom(price ?? other ?? unknownPrice)],
    ...entry,
    ...(entry && price ? { prices: [pricesFrom(price)] } : {}),
    ...given,
    id: model,
    is_known: entry !== undefined || given !== undefined,
    is_priced: [entry, given?.prices, price, other].some((known) => known !== undefined),
  };
}

/** The list price of a model, for a person. */
export const priceText = ({ prices: [price] }: FoundModel): string =>
  `$${price?.input} in, $${price?.output} out per million tokens`;

/** What judges the output of phases and its price, or the small model that is recommended for it. */
export function judgeNote(settings: ModelSettings & { small_name: string; judge_name?: string }): string {
  const { judge_name: judge, small_name: small } = settings;
  if (judge) return `${judge} judges each phase too: ${priceText(factsOf(judge, settings))}`;
  return `a second opinion on phases is cheap with OMOIOS_JUDGE_MODEL=${small}: ${priceText(factsOf(small, settings))}`;
}

/** The models that a launch may name: the usual one first. */
export const offeredModels = ({ name, offered }: { name: string; offered: readonly string[] }): string[] => [
  ...new Set([name, ...offered]),
];

/** The provider and the id of a model that a list of fallback models names: `provider:id`, or an id alone. */
export function splitModel(name: string, main: string): { provider: string; model: string } {
  const at = name.indexOf(':');
  return at < 0 ? { provider: main, model: name } : { provider: name.slice(0, at), model: name.slice(at + 1) };
}

/** Days before its end from which a model is reported. */
const noticeDays = 90;

/** The models that the settings name, each with its setting and with the notice that a person must read. */
export function configuredModels(
  settings: ModelSettings & { name: string; small_name: string; judge_name?: string },
  now: Date,
): { setting: string; facts: FoundModel; notice: string | undefined }[] {
  const { name, small_name, judge_name } = settings;
  return Object.entries({ name, small_name, judge_name }).flatMap(([key, model]) => {
    if (!model) return [];
    const facts = factsOf(model, settings);
    const setting = `model.${key}`;
    return [{ setting, facts, notice: noticeOf(facts, setting, now) }];
  });
}

function noticeOf(facts: FoundModel, setting: string, now: Date): string | undefined {
  if (!facts.is_known)
    return `is not a model of the table, so careful values hold (${facts.max_output} output tokens, no thinking). Describe it in model.known, or change ${setting}.`;
  const { retires } = facts;
  if (!retires) return undefined;
  const days = (Date.parse(retires.on) - now.getTime()) / 86_400_000;
  if (days <= 0)
    return retires.announced
      ? `ended on ${retires.on}. Change ${setting}.`
      : `may end any day since ${retires.on}. Change ${setting}.`;
  if (!retires.announced || days > noticeDays) return undefined;
  return `ends on ${retires.on}. Change ${setting} before.`;
}
