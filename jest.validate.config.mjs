// What needs more than the embedded stack: a browser, kill -9 of everything, real PostgreSQL and Redis.
// Each file starts the stack it wants, so no shared one is set up and they run one after the other.
import base from './jest.config.mjs';

/** @type {import('jest').Config} */
export default {
  ...base,
  testMatch: ['<rootDir>/tests/(e2e|chaos|real)/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: undefined,
  globalTeardown: undefined,
  testTimeout: 300_000,
  maxWorkers: 1,
};
