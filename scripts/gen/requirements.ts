/** Writes docs/requirements.md from docs/requirements.yaml and the titles of the tests. A test fails when it is stale. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import { requirementsPage } from './requirements-page.ts';

writeFileSync(path.join(rootDir, 'docs/requirements.md'), requirementsPage());
