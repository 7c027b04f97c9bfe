import { examplePhases, judge } from '#tests/support/phases.ts';

const [component] = examplePhases.design.components;
const [model] = examplePhases.design.data_models;
const [endpoint] = examplePhases.design.api_endpoints;

describe('[PLAN-12] design', () => {
  test('an empty answer keeps what none earns', () => {
    const lists = Object.fromEntries(
      ['components', 'data_models', 'api_endpoints', 'integration_points', 'security_considerations'].map((field) => [
        field,
        [],
      ]),
    );
    const nothing = { feature_name: '', architecture_overview: '', testing_strategy: {}, error_handling: {}, ...lists };
    // feature_name .025, models .045, endpoints .045, errors .024, security .021, integration .025
    expect(judge('design', nothing).score).toBe(0.185);
  });

  test.each<[string, Record<string, unknown>, number]>([
    ['an overview of exactly 100 characters earns half', { architecture_overview: 'x'.repeat(100) }, 0.925], // .15 × .5
    ['a component without responsibility does not count', { components: [component, { name: 'X' }] }, 0.9], // .20 × 1/2
    ['a model without fields does not count', { data_models: [model, { name: 'X' }] }, 0.925], // .15 × 1/2
    ['no models earn three tenths', { data_models: [] }, 0.895], // .15 × .7
    [
      'an endpoint without description does not count',
      { api_endpoints: [endpoint, { method: 'GET', path: '/' }] },
      0.925,
    ], // .15 × 1/2
    ['no endpoints earn three tenths', { api_endpoints: [] }, 0.895], // .15 × .7
    ['unit tests alone earn half', { testing_strategy: { unit_tests: ['A'] } }, 0.95], // .10 × .5
    ['a testing strategy in prose earns seven tenths', { testing_strategy: 'Unit tests with node --test.' }, 0.97], // .10 × .3
    ['no error handling earns three tenths', { error_handling: {} }, 0.944], // .08 × .7
    ['one security consideration earns seven tenths', { security_considerations: ['A'] }, 0.979], // .07 × .3
    ['none earns three tenths', { security_considerations: [] }, 0.951], // .07 × .7
    ['no integration points earn half', { integration_points: [] }, 0.975], // .05 × .5
  ])('%s', (_title, changes, score) => {
    expect(judge('design', changes).score).toBe(score);
  });
});
