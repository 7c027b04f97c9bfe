import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import { bundleWorkflows } from '#temporal/bundle.ts';
import { eventually } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { playsAll } from '#tests/support/share.ts';
import { unreplayable } from './histories.ts';
import { broken } from './invariants.ts';
import { claimDone, count, countFile, playWork, review, type Work } from './played-work.ts';
import { World, type Ticket } from './world.ts';

const deploys = playsAll ? 10 : 4;
const counts = deploys * 2 + 8;
const long: Work = { turns: Array.from({ length: counts }, (_, i) => [count(`count${i}`)]), done: claimDone };
const short: Work = { turns: [[count('only')]], done: claimDone };
const play =
  (work: Work) =>
  (request: Played): Reply =>
    playWork(request, request.context.kind === 'validation' ? review : work);

/** Workflow code of a later day: each run begins with something that runs under way did not do. */
async function laterCode(folder: string, name: string, news: string): Promise<string> {
  const entry = path.join(folder, `${name}.ts`);
  const at = (file: string) => JSON.stringify(path.join(rootDir, 'workflows', file));
  writeFileSync(
    entry,
    `
    import { patched, sleep } from '@temporalio/workflow';
    import { agentWorkflow as known } from ${at('agent.ts')};
    export * from ${at('index.ts')};
    export async function agentWorkflow(input) {
      ${news}
      return known(input);
    }
  `,
  );
  const file = path.join(folder, `${name}.js`);
  writeFileSync(file, await bundleWorkflows(entry));
  return file;
}

describe('deploys', () => {
  let world: World;
  let folder: string;
  beforeAll(async () => {
    // Within the checkout: what it imports is found from there.
    mkdirSync(path.join(rootDir, '.cache'), { recursive: true });
    folder = mkdtempSync(path.join(rootDir, '.cache/later-'));
    world = await World.start();
  });
  afterAll(async () => {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a run of many turns lives through many of them, two with changed workflow code: nothing is repeated, nothing lost', async () => {
    const first = "if (patched('first-news')) await sleep(1);";
    const second = `if (patched('second-news')) await sleep(2); else ${first}`;
    const versions = [await laterCode(folder, 'first', first), await laterCode(folder, 'second', second)];
    const careless = await laterCode(folder, 'careless', 'await sleep(3);');
    const tickets: Ticket[] = [await world.ticket(await world.place(play(long)))];
    const run = await world.runOf(tickets[0] as Ticket);
    const turn = async () =>
      (await world.records.rows<{ turn: number }>('SELECT turn FROM runs WHERE id = $1', [run]))[0]?.turn ?? 0;

    for (let deploy = 1; deploy <= deploys; deploy += 1) {
      await eventually(`turn ${deploy * 2} is done`, async () => (await turn()) >= deploy * 2, 60_000);
      const version =
        deploy === Math.ceil(deploys * 0.4)
          ? versions[0]
          : deploy === Math.floor(deploys * 0.8)
            ? versions[1]
            : undefined;
      await world.stack.stop({ keep: true });
      if (version) world.stack.address.env.OMOIOS_TEMPORAL_WORKFLOW_BUNDLE = version;
      await world.stack.launch();
      if (version || deploy === 1) tickets.push(await world.ticket(await world.place(play(short))));
    }
    const pulls = await Promise.all(tickets.map((ticket) => world.pullRequest(ticket, 180_000)));
    const effects = tickets.flatMap((ticket, i) => {
      const lines = ticket.repository.show(pulls[i]?.branch as string, countFile).split('\n');
      return (i === 0 ? long : short).turns.flat().map(({ label }) => ({
        what: `${label} of ${ticket.word}`,
        expected: 1,
        found: lines.filter((line) => line === label).length,
      }));
    });
    const ids = tickets.map((ticket) => ticket.id);
    const evidence = await world.evidence(ids, { effects }, { bundle: versions[1] });
    expect(broken(evidence)).toEqual([]);
    expect(evidence.rows.turns.filter((row) => row.run_id === run).length).toBeGreaterThanOrEqual(counts + 2);
    console.log(
      `${evidence.asked.length - evidence.rows.turns.length} of ${evidence.rows.turns.length} turns were asked for twice: their call was under way at a stop`,
    );

    // The same change without a patch would have broken what was under way.
    const { client, close } = await world.stack.temporal();
    const { failures } = await unreplayable(client, ids.slice(0, 1), careless);
    await close();
    expect(failures.some((failure) => failure.startsWith(`run:${run}`))).toBe(true);
  }, 600_000);
});
