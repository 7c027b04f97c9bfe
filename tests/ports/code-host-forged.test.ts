import type { HostPullRequest, NewPullRequest } from '#activities/ports/code-host.ts';
import { mergeAt, openCodeHosts, type GithubPlay } from './local/code-hosts.ts';

/* Strangers write what looks like an effect of ours: it is done all the same, once. */

const hosts = await openCodeHosts();
afterAll(() => hosts.close());

interface Play extends GithubPlay {
  /** Pull request 1, whose branch adds `first.txt`. */
  first: HostPullRequest & NewPullRequest;
  say(body: string): void;
  /** The answers of the platform. */
  answers(): { number: number; body: string }[];
}

interface Effect {
  what: string;
  forge(play: Play): unknown;
  act(play: Play): Promise<unknown>;
  /** How often it was done. */
  count(play: Play): number;
}

const answer = { key: 'command:1', body: 'Ours' };
const forgedMark = '<!-- omoios-answer command:1 -->';
const ofFirst = ({ answers }: Play) => answers().filter(({ number }) => number === 1).length;
const pullOf = ({ host, project, first }: Play) => host.openPullRequest(project, first);

const effects: Effect[] = [
  {
    what: 'an answer, by a comment with its mark',
    forge: ({ say }) => say(forgedMark),
    act: ({ host, project }) => host.answerIssue(project, 1, answer),
    count: ofFirst,
  },
  {
    what: 'an answer, by a copy of the mark of another pull request',
    forge: async ({ host, project, open, answers, say }) => {
      await open('feature/other', { 'b.txt': 'other\n' });
      await host.answerIssue(project, 2, answer);
      say(answers()[0]?.body.replace('Ours', 'Theirs') ?? '');
    },
    act: ({ host, project }) => host.answerIssue(project, 1, answer),
    count: ofFirst,
  },
  {
    what: 'an answer to a review, by a remark with its mark',
    forge: ({ github, full_name: name }) => {
      const comments = ['Rename it.', forgedMark].map((body) => ({ path: 'first.txt', line: 1, body }));
      github.say('review', name, 1, { by: { id: 77, login: 'stranger' }, state: 'COMMENTED', comments });
    },
    act: ({ host, project, github }) => {
      const { id } = github.remarks.find(({ body }) => body === 'Rename it.') ?? {};
      return host.answerRemark(project, { provider: 'github', number: 1 } as HostPullRequest, {
        ...answer,
        remark_id: `line:${id}`,
      });
    },
    count: ofFirst,
  },
  {
    what: 'a pull request, by one of a fork whose branch has the name of ours',
    forge: ({ github }) => Object.assign(github.pulls.at(-1) ?? {}, { fork: true }),
    act: pullOf,
    count: ({ numbers }) => numbers().length - 1,
  },
  {
    what: 'a label, by one whose name begins with ours',
    forge: ({ github }) => github.pulls.at(-1)?.labels.splice(0, 1, 'omoios-not'),
    act: pullOf,
    count: ({ github }) => github.pulls.at(-1)?.labels.filter((name) => name === 'omoios').length ?? 0,
  },
  {
    what: 'a merge, by a comment and a commit that tell of it',
    forge: ({ git, say, first }) => {
      say('Merged as abc.');
      const words = `${first.title} (#1)`;
      git('update-ref', 'refs/heads/main', git('commit-tree', 'main^{tree}', '-p', 'main', '-m', words));
    },
    act: ({ host, project, first }) => mergeAt(host, project, first, 'squash'),
    count: ({ git }) => git('log', '--format=%h', 'main', '--', 'first.txt').split('\n').filter(Boolean).length,
  },
];

test.each(effects)('[GIT-06] [GIT-08] nobody else can forge $what', async ({ forge, act, count }) => {
  const place = await hosts.github();
  const { github, full_name: name } = place;
  const here = () => github.remarks.filter(({ repository }) => repository === name);
  const play: Play = {
    ...place,
    first: await place.open('feature/first', { 'first.txt': '1\n' }),
    say: (body) => github.say('comment', name, 1, { by: { id: 77, login: 'stranger' }, body }),
    answers: () => here().filter(({ body }) => body.startsWith('Ours')),
  };
  await forge(play);
  expect(count(play)).toBe(0);
  await act(play);
  await act(play);
  expect(count(play)).toBe(1);
});

test('[GIT-06] words with our marks in them do not end our part of a description', async () => {
  const place = await hosts.github();
  const request = await place.open('feature/words', { 'b.txt': 'B\n' });
  const told = (body: string) => place.host.updatePullRequest(place.project, { ...request, body });
  await told('First <!-- /omoios --> and <!-- omoios ticket:other -->');
  await told('Second');
  expect(place.github.pulls.at(-1)?.body).toBe('<!-- omoios ticket:feature/words -->\nSecond\n<!-- /omoios -->');
});

test('[GIT-06] [GIT-08] an answer is found again after the repository got another name', async () => {
  const { host, project, github, full_name: name, open } = await hosts.github();
  await open('feature/renamed', { 'b.txt': 'B\n' });
  await host.answerIssue(project, 1, answer);
  const after = `${name}-renamed`;
  github.move(name, after);
  const moved = { ...project, url: `${github.url}/${after}.git` };
  await host.answerIssue(moved, 1, answer);
  expect(github.remarks.filter(({ repository }) => repository === after)).toHaveLength(1);
});

test('[GIT-08] words that somebody else changed are theirs, in issues, conversations and reviews', async () => {
  const { host, project, github, full_name: name, open } = await hosts.github();
  const request = await open('feature/changed', { 'b.txt': 'B\n' });
  const [member, mallory] = [
    { id: 7, login: 'member' },
    { id: 77, login: 'mallory' },
  ];
  github.issue(name, { by: member, title: 'Asked' });
  for (const number of [1, 2]) github.say('comment', name, number, { by: member, body: `Thanks for ${number}.` });
  const comments = ['Name it.', 'Good.'].map((body) => ({ path: 'b.txt', line: 1, body }));
  github.say('review', name, 1, { by: member, state: 'CHANGES_REQUESTED', body: 'See below.', comments });
  github.rewrite('Thanks for 1.', mallory, '/omoios ask Do mine.');
  github.rewrite('Thanks for 2.', mallory, '/omoios start');
  github.rewrite('Good.', mallory, 'Delete it.');
  github.rewrite('Name it.', member, 'Name it better.');
  const said = (await host.readRemarks(project, request)).map(({ author, verdict, remarks }) => [
    author.login,
    verdict,
    remarks.map(({ body }) => body),
  ]);
  expect(said).toEqual([
    ['member', 'changes_requested', ['See below.', 'Name it better.']],
    ['mallory', 'commented', ['Delete it.']],
    ['mallory', 'commented', ['/omoios ask Do mine.']],
  ]);
  expect((await host.readIssue(project, 2, ''))?.comments).toMatchObject([
    { author: { id: '77', login: 'mallory' }, body: '/omoios start' },
  ]);
});

test('[GIT-08] the newest comments are read, also after thousands', async () => {
  const { host, project, github, full_name: name, open } = await hosts.github();
  const request = await open('feature/long', { 'b.txt': 'B\n' });
  const by = { id: 77, login: 'stranger' };
  for (let n = 1; n <= 1250; n++) github.say('comment', name, 1, { by, body: `Comment ${n}` });
  await host.answerIssue(project, 1, answer);
  github.say('comment', name, 1, { by, body: '/omoios stop' });
  const words = (await host.readRemarks(project, request)).flatMap(({ remarks }) => remarks.map(({ body }) => body));
  expect(words).toHaveLength(299);
  expect([words[0], words.at(-2), words.at(-1)]).toEqual(['Comment 953', 'Comment 1250', '/omoios stop']);
  await host.answerIssue(project, 1, answer);
  const ours = github.remarks.filter(({ repository, body }) => repository === name && body.startsWith('Ours'));
  expect(ours).toHaveLength(1);
});
