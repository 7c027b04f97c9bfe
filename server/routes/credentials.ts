import * as contracts from '../contracts/credentials.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/credentials.ts';

const { mine, organizations } = usecases;

export const credentialRoutes = [
  route(contracts.listOrganizationCredentials, (_, call) => usecases.listKeys(call, organizations(call))),
  route(contracts.createOrganizationCredential, ({ body }, call) =>
    usecases.createKey(call, organizations(call), body),
  ),
  route(contracts.updateOrganizationCredential, ({ params, body }, call) =>
    usecases.updateKey(call, organizations(call), params.credential_id, body),
  ),
  route(contracts.removeOrganizationCredential, ({ params }, call) =>
    usecases.removeKey(call, organizations(call), params.credential_id),
  ),
  route(contracts.listCredentials, (_, call) => usecases.listKeys(call, mine(call))),
  route(contracts.createCredential, ({ body }, call) => usecases.createKey(call, mine(call), body)),
  route(contracts.updateCredential, ({ params, body }, call) => usecases.updateKey(call, mine(call), params.id, body)),
  route(contracts.removeCredential, ({ params }, call) => usecases.removeKey(call, mine(call), params.id)),
];
