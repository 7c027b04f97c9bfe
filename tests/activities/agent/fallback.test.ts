import { fallbackModels } from '#activities/agent/turn/fallback.ts';

test('the models that answer instead are those of the same provider, in order, without the one that refused', () => {
  const names = ['anthropic:claude-opus-5', 'openai:gpt-6', 'claude-sonnet-5', 'anthropic:claude-sonnet-5-5'];
  expect(fallbackModels(names, { provider: 'anthropic', model: 'claude-sonnet-5-5' })).toEqual([
    'claude-opus-5',
    'claude-sonnet-5',
  ]);
  expect(fallbackModels([], { provider: 'anthropic', model: 'claude-sonnet-5-5' })).toEqual([]);
});
