import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';

/** Settings with which the application imports a test's double of a module, where the importer asks for the module. */
export const double = (importer: string, module: string, file: string): Record<string, string> => ({
  NODE_OPTIONS: `--import=${path.join(rootDir, 'tests/chaos/application-double.mjs')}`,
  TEST_DOUBLE: `${importer} ${module} ${file}`,
});
