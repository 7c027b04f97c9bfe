// What needs more than the embedded stack: a browser, kill -9 of everything, real PostgreSQL and Redis,
// or the table of odd repositories.
// Each file starts the stack it wants, so no shared one is set up. Two of them, and what runs beside, keep two cores busy.
import { project, run } from './jest.config.mjs';

/** @type {import('jest').Config} */
export default {
  ...project,
  ...run,
  testMatch: ['<rootDir>/tests/(e2e|chaos|real|repositories|environments)/**/*.test.ts'],
  testTimeout: 300_000,
  maxWorkers: 2,
  setupFilesAfterEnv: ['<rootDir>/tests/support/in-time.mjs'],
};
