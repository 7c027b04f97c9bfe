/** Writes server/openapi.json from the routes' contracts. CI fails when the committed file differs. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Services } from '#activities/ports/services.ts';
import { rootDir } from '#activities/services/config.ts';
import { openApiDocument } from '#server/http/openapi.ts';
import { allRoutes } from '#server/routes/index.ts';
import type { Auth } from '#server/usecases/auth.ts';

// Only the contracts are read; no handler is called, so empty services are enough.
const contracts = allRoutes({} as Services, {} as Auth).map((route) => route.contract);
writeFileSync(path.join(rootDir, 'server/openapi.json'), `${JSON.stringify(openApiDocument(contracts), null, 1)}\n`);
