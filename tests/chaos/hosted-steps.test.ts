import { sign } from '@octokit/webhooks-methods';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '#tests/support/api.ts';
import { canPlayBoxes } from '#tests/support/box.ts';
import { Daytona } from '#tests/support/daytona.ts';
import { Github } from '#tests/support/github.ts';
import { finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { share } from '#tests/support/share.ts';
import { double } from './double.ts';
import { broken } from './invariants.ts';
import { World } from './world.ts';

const playedFiles = { 'src/double.js': 'export const double = (n) => 2 * n;\n' };
const secret = 'secret-of-far-away';
/** Each step of a task, and the call of the platform after which its worker is killed: the effect is there, no record of it is. */
const steps: [string, string][] = [
  ['make the branch of the ticket', 'openTicket after codeHost.pushBranch'],
  ['claim the task', 'prepareTask after store.tasks.claim'],
  ['create the sandbox', 'prepareTask after sandbox.create'],
  ['set up the project', 'openRun after sandbox.startCommand'],
  ['ask the model', 'stretch after model.call'],
  ['store the turn', 'stretch after store.turns.finish'],
  ['commit the work', 'settleIteration after sandbox.exportWork'],
  ['check the work', 'settleIteration after sandbox.waitCommand'],
  ['end the sandbox', 'endRun after sandbox.destroy'],
  ['push the work', 'takeWork after codeHost.pushBranch'],
  ['create the sandbox of the reviewer', 'prepareValidation after sandbox.create'],
  ['join the work to the branch of the ticket', 'joinTask after codeHost.pushBranch'],
  ['open the pull request', 'openPullRequest after codeHost.openPullRequest'],
  ['describe the pull request', 'openPullRequest after codeHost.updatePullRequest'],
  ['answer the comment', 'readHostPull after codeHost.answerRemark'],
  ['merge', 'mergePull after codeHost.mergePullRequest'],
  ['note the merge', 'mergePull after store.pullRequests.markMerged'],
];
const played = share(steps);

(canPlayBoxes ? describe : describe.skip)(
  'a task on GitHub and Daytona whose worker is killed at each of its steps',
  () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'omoios-hosted-'));
    const [wanted, reached] = ['wanted', 'reached'].map((name) => path.join(folder, name)) as [string, string];
    let daytona: Daytona;
    let github: Github;
    let world: World;

    beforeAll(async () => {
      writeFileSync(wanted, played.map(([, point]) => point).join('\n'));
      writeFileSync(reached, '');
      daytona = await Daytona.start();
      github = await Github.start();
      world = await World.start({
        ...{ DAYTONA_API_KEY: daytona.key, DAYTONA_API_URL: daytona.api },
        ...{ CODE_HOST: 'github', GITHUB_URL: github.url, GITHUB_TOKEN: github.token('installation', []) },
        ...double('/temporal/worker.ts', '#activities/index.ts', './dying-activities.ts'),
        GITHUB_WEBHOOK_SECRET: secret,
        TEST_DEATHS_FILES: `${wanted} ${reached}`,
      });
    });
    afterAll(async () => {
      await world?.stop();
      await daytona.close();
      github.close();
      rmSync(folder, { recursive: true });
    });

    /** GitHub tells of what has changed there. */
    async function tell(name: string, event: object): Promise<void> {
      const body = JSON.stringify({ repository: { full_name: 'acme/far' }, ...event });
      const headers = {
        ...{ 'content-type': 'application/json', 'x-github-event': name },
        'x-hub-signature-256': await sign(secret, body),
      };
      const address = `${world.stack.address.url}/api/v1/github/webhooks/github`;
      // It is delivered again where the platform died while it took it.
      const taken = async () =>
        (await fetch(address, { method: 'POST', body, headers }).catch(() => undefined))?.status === 202;
      await eventually('the event is taken', taken, 30_000);
    }

    test('[EXEC-14] [EXEC-15] [GIT-06] [GIT-07] one pull request, one label, one comment, one merge and one sandbox at a time come of it', async () => {
      let token = '';
      const place = await world.place(
        (request) => (request.context.kind === 'validation' ? reviewPasses(request) : finishTask(request, playedFiles)),
        { setup: ['true'] },
        undefined,
        (from) => {
          const hosted = github.host('acme/far', from);
          token = hosted.token;
          return { url: hosted.url.replace('//', `//x-access-token:${token}@`) };
        },
      );
      // It is labelled, and the answer is lost.
      github.fail(/POST .*\/labels$/);
      const { api } = world.stack;
      const ticket = await world.ticket(place);
      const pull = await world.pullRequest(ticket, 400_000);
      github.say('comment', 'acme/far', 1, { by: { id: 77, login: 'mallory' }, body: '/omoios stop' });
      await tell('issue_comment', { issue: { number: 1, pull_request: {} } });
      const answers = () => github.remarks.filter(({ body }) => body.includes('<!-- omoios-answer '));
      await eventually('the comment is answered', () => answers().length > 0, 60_000);
      // A call that came while the worker was away is made again.
      const of = (method: string, to: string) => api.request<{ state: string }>(method, to).catch(() => undefined);
      await eventually(
        'it is merged',
        async () => {
          await of('POST', `/pull-requests/${pull.id}/merge`);
          return (await of('GET', `/pull-requests/${pull.id}`))?.body.state === 'merged';
        },
        120_000,
      );
      await api.until<{ status: string }>(`/tickets/${ticket.ticket_id}`, ({ status }) => status === 'done', 60_000);
      await eventually('its sandboxes are gone', () => daytona.names.length === 0, 60_000);

      expect(
        readFileSync(reached, 'utf8')
          .match(/(?<=^\d+ ).*/gm)
          ?.sort(),
      ).toEqual(played.map(([, point]) => point).sort());
      expect(github.pulls).toMatchObject([
        { number: 1, state: 'closed', labels: ['omoios'], merge_sha: expect.any(String) },
      ]);
      expect(answers()).toHaveLength(1);
      const calls = (pattern: RegExp) => github.calls.filter((call) => pattern.test(call)).length;
      expect([calls(/^POST .*\/issues\/1\/comments$/), calls(/^PUT .*\/pulls\/1\/merge$/)]).toEqual([1, 1]);
      // A check of the whole that is repeated begins in a clean sandbox.
      const names = daytona.created.flatMap(({ name = '' }) => (name.startsWith('omoios-check-') ? [] : [name]));
      expect(names).toHaveLength(new Set(names).size);
      expect(broken(await world.evidence([place.id]))).toEqual([]);
    }, 600_000);
  },
);
