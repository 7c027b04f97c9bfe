import { readFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import type { Services } from '#activities/ports/services.ts';
import { allRoutes } from '#server/routes/index.ts';
import type { Auth } from '#server/usecases/auth.ts';
import { describedCalls } from '#tests/support/described-calls.ts';

const withoutNames = (call: string) => call.replace(/\{\w*\}/g, '{}');
const offered = new Set(
  allRoutes({} as Services, {} as Auth).map(({ contract: { method, path: at } }) =>
    withoutNames(`${method.toUpperCase()} ${at}`),
  ),
);
/** The rows of docs/rest.md: each call, and what stands beside it. */
const replaced = new Map(
  [...readFileSync(path.join(rootDir, 'docs/rest.md'), 'utf8').matchAll(/^\| `([A-Z]+ [^`]+)` +\| (.+) \|$/gm)].map(
    ([, call = '', instead = '']) => [call, instead.trim()] as const,
  ),
);

test('[API-05] each call of the description is offered, or docs/rest.md says what to use instead', () => {
  expect(describedCalls.length).toBeGreaterThan(330);
  expect(describedCalls.filter((call) => !offered.has(call)).sort()).toEqual([...replaced.keys()].sort());
});

test('[API-05] what docs/rest.md names instead is offered', () => {
  const named = [...replaced.values()].flatMap((instead) =>
    [...instead.matchAll(/`([A-Z]+ \/[^`]+)`/g)].map(([, call = '']) => call),
  );
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((call) => !offered.has(call))).toEqual([]);
});
