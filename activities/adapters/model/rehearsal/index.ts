import path from 'node:path';
import { readScenarioHead } from './load-scenario.ts';
import { ownScenarios } from './server.ts';

export { startRehearsalServer, type RehearsalServer } from './server.ts';

/** The sample repository as plain files. A caller copies them and makes a Git repository of the copy. */
export const sampleDir = path.join(import.meta.dirname, 'sample');

/** The feature of the sample repository that the scenario plays. */
export const sampleFeature: { title: string; description: string } = readScenarioHead(
  path.join(ownScenarios, 'renew-and-reserve.yaml'),
).feature;
