// Three projects: `unit` is quick; `adapters` runs sandboxes, repositories and rehearsed agents for real; `stack` starts
// one embedded stack that its tests share. What a file imports decides whether it needs the stack: see
// tests/support/stack-tests.mjs.
import { stackTests } from './tests/support/stack-tests.mjs';

const needStack = stackTests(import.meta.dirname).map((file) => `<rootDir>/${file}`);
const ownStack = '<rootDir>/tests/(e2e|chaos|real|repositories|environments)/';
const ofAdapters = '<rootDir>/tests/(ports|activities/adapters)/';
const stackless = ['/node_modules/', ownStack, ...needStack.map((file) => `${file}$`)];

/** @type {import('jest').Config} */
export const project = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  extensionsToTreatAsEsm: ['.ts'],
  // Repositories of an evaluation are no packages of ours.
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
};

/** @type {import('jest').Config} */
export const run = {
  reporters: ['default', '<rootDir>/tests/support/count-reporter.mjs'],
  forceExit: true,
  // How long a slow, loaded machine may take; no test says how quick something is.
  testTimeout: 300_000,
  testSequencer: '<rootDir>/tests/support/longest-first.mjs',
  // Tests of the stack mostly wait for it, so five of them keep two cores busy.
  maxWorkers: 5,
};

/** @type {import('jest').Config} */
export default {
  ...run,
  projects: [
    {
      ...project,
      displayName: 'unit',
      testMatch: ['<rootDir>/tests/**/*.test.ts'],
      testPathIgnorePatterns: [...stackless, ofAdapters],
    },
    {
      ...project,
      displayName: 'adapters',
      testMatch: ['<rootDir>/tests/{ports,activities/adapters}/**/*.test.ts'],
      testPathIgnorePatterns: stackless,
    },
    {
      ...project,
      displayName: 'stack',
      testMatch: needStack,
      testPathIgnorePatterns: ['/node_modules/', ownStack],
      globalSetup: '<rootDir>/tests/support/global-setup.mjs',
      globalTeardown: '<rootDir>/tests/support/global-teardown.mjs',
    },
  ],
};
