import { createInProcessBus } from '#activities/adapters/bus/in-process.ts';
import { createPresence, type Reader } from '#server/http/presence.ts';

/** Two processes of the server on one bus, and people in front of them. */
function twoProcesses() {
  const bus = createInProcessBus();
  const [first, second] = [createPresence(bus), createPresence(bus)];
  const person = (user_id: string, organization_id = 'o') => {
    const seen = new Map<string, boolean>();
    const reader: Reader = {
      ...{ user_id, organization_id, name: () => Promise.resolve(`Name of ${user_id}`) },
      send: (message) => {
        const { at, data } = message as { at: string; data: { name: string; here: boolean } };
        seen.set(`${data.name} at ${at}`, data.here);
      },
    };
    return { reader, seen: () => [...seen].filter(([, here]) => here).map(([who]) => who) };
  };
  return { first, second, person };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test('two people at one gate see each other, whichever came first and whichever process serves them', async () => {
  const { first, second, person } = twoProcesses();
  const [ana, bo] = [person('ana'), person('bo')];
  await first.move(ana.reader, 'gate:phase:1');
  await second.move(bo.reader, 'gate:phase:1');
  await settled();
  expect(ana.seen()).toEqual(['Name of bo at gate:phase:1']);
  expect(bo.seen()).toEqual(['Name of ana at gate:phase:1']);
  second.leave(bo.reader);
  await settled();
  expect(ana.seen()).toEqual([]);
});

test('nobody is seen at another place, from another organization, or after moving on', async () => {
  const { first, second, person } = twoProcesses();
  const [ana, bo, eve] = [person('ana'), person('bo'), person('eve', 'other')];
  await first.move(ana.reader, 'gate:phase:1');
  await second.move(bo.reader, 'gate:phase:2');
  await second.move(eve.reader, 'gate:phase:1');
  await settled();
  expect([ana, bo, eve].map((one) => one.seen())).toEqual([[], [], []]);
  await second.move(bo.reader, 'gate:phase:1');
  await settled();
  expect(ana.seen()).toEqual(['Name of bo at gate:phase:1']);
  await first.move(ana.reader, null);
  await settled();
  expect(bo.seen()).toEqual([]);
});
