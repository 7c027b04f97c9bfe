import type { Services } from '#activities/ports/services.ts';
import { allRoutes } from '#server/routes/index.ts';
import type { Auth } from '#server/usecases/auth.ts';
import { AgentPlace } from '#tests/support/agent-place.ts';
import { sampleInput } from '#tests/support/sample-input.ts';

let place: AgentPlace;
let key = '';
beforeAll(async () => {
  place = await AgentPlace.start('agent-members');
  const agent = await place.register({ elsewhere: true });
  key = agent.key;
  const { identity } = place.server.store;
  const owner = (await identity.roles(place.organization_id)).find(({ name }) => name === 'owner');
  await identity.addMember(place.organization_id, { agent_id: agent.id }, owner?.id ?? '', place.server.place.owner.id);
});
afterAll(() => place.close());

test('[ORG-04] a registered agent that is an owner reads what an owner reads, and asks nothing that only a person has', async () => {
  const reads = allRoutes({} as Services, {} as Auth)
    .map(({ contract }) => contract)
    .filter(
      ({ method, auth, registered, personal }) => method === 'get' && auth.includes(':') && !registered && !personal,
    );
  const different: string[] = [];
  for (const contract of reads) {
    const address = sampleInput(contract).address.replace('/api/v1', '');
    const [owners, agents] = [await place.call('GET', address), await place.call('GET', address, undefined, key)];
    if (agents.status !== owners.status) different.push(`${contract.path}: ${owners.status} ${agents.status}`);
  }
  expect(different).toEqual([]);
});
