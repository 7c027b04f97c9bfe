import { fallbacksOf } from '#activities/agent/turn/fallback.ts';

const fallback_models = [
  'anthropic:claude-opus-5',
  'openai:gpt-6.2-sol',
  'anthropic:claude-sonnet-5',
  'openai:gpt-6.2-astra',
];
const run = (provider: string, model: string, kind = 'task') => ({ provider, model, kind });

test('the models that answer instead are those of the same provider in order, then the first of another one', () => {
  expect(fallbacksOf({ fallback_models }, run('anthropic', 'claude-sonnet-5-5'))).toEqual({
    same: ['claude-opus-5', 'claude-sonnet-5'],
    other: { provider: 'openai', model: 'gpt-6.2-sol' },
  });
  expect(fallbacksOf({ fallback_models: [] }, run('anthropic', 'claude-sonnet-5-5'))).toEqual({ same: [] });
});

test('a run that continues with a fallback model has only the later ones left', () => {
  expect(fallbacksOf({ fallback_models }, run('openai', 'gpt-6.2-sol'))).toEqual({
    same: ['gpt-6.2-astra'],
    other: { provider: 'anthropic', model: 'claude-sonnet-5' },
  });
  const two = ['anthropic:claude-opus-5', 'openai:gpt-6.2-sol'];
  expect(fallbacksOf({ fallback_models: two }, run('openai', 'gpt-6.2-sol'))).toEqual({ same: [] });
});

test('a kind of session may have fallback models of its own', () => {
  const settings = { fallback_models, fallback: { phase: ['openai:gpt-6.2-astra'], merge: [] } };
  expect(fallbacksOf(settings, run('anthropic', 'claude-sonnet-5-5', 'phase'))).toEqual({
    same: [],
    other: { provider: 'openai', model: 'gpt-6.2-astra' },
  });
  expect(fallbacksOf(settings, run('anthropic', 'claude-sonnet-5-5', 'merge'))).toEqual({ same: [] });
  expect(fallbacksOf(settings, run('anthropic', 'claude-sonnet-5-5')).same).toHaveLength(2);
});
