import type { Services } from '#activities/ports/services.ts';
import { scopeTable } from '#prisma/store/index.ts';
import { allRoutes } from '#server/routes/index.ts';
import type { Auth } from '#server/usecases/auth.ts';

/** The kinds of records that contracts name by id. The handlers are not called, so they need no services. */
const kinds = new Set(
  allRoutes({} as Services, {} as Auth).flatMap(({ contract }) =>
    typeof contract.scope === 'object' && typeof contract.scope.kind === 'string'
      ? [contract.scope.kind, ...(contract.scope.or ?? []).map(({ kind }) => kind)]
      : [],
  ),
);

test('every kind of record that a contract names by id is in the table of scopes, and none is left over', () => {
  expect([...kinds].sort()).toEqual(Object.keys(scopeTable).sort());
});
