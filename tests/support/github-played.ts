import type { IssueAct } from './github-issues.ts';
import type { Rules } from './github-graphql.ts';
import type { Said } from './github-remarks.ts';
import type { HostedCheck } from './github-wire.ts';
import type { Fault, Github } from './github.ts';

/**
 * What a test says: `merge`, `close` and `reopen` are acts of a person, on a pull request of a repository. `review` and `comment` are what a person says
 * about one (a comment also about an issue): who, the state of the review, its words, and its comments on lines.
 * `token` makes one for a repository, with its scopes, or what it `lacks`: `pulls`, `git/refs`.
 * `issue` is what a person does with an issue. `grant` gives an account
 * that signs in a repository, with `read` as the third value without the right to change it; `revoke` takes a token, or
 * the rights of a login. `install` gives the App a repository. `rules` are those of a repository; `draft` and `auto_merge`
 * are what a person makes of a pull request: `on` or `off`. `forget` deletes the comments of a repository that contain a text.
 * `move` renames a repository, or deletes it; `archive` is `on` or `off`. `suspend` is what an owner does to the App's installation for a
 * repository: `on` or `off`; `include` gives a repository to the installation of another.
 */
export type PlayedCall =
  | 'host'
  | 'revoke'
  | 'rule'
  | 'merge'
  | 'close'
  | 'reopen'
  | 'review'
  | 'comment'
  | 'issue'
  | 'pulls'
  | 'token'
  | 'grant'
  | 'fail'
  | 'install'
  | 'uninstall'
  | 'check'
  | 'rules'
  | 'draft'
  | 'auto_merge'
  | 'forget'
  | 'move'
  | 'archive'
  | 'suspend'
  | 'include'
  | 'rewrite';

export interface Played {
  call: PlayedCall;
  values: string[];
}

/** A test in another process says what GitHub does next. @returns what it has. */
export function playAct(github: Github, { call, values }: Played): object {
  const [first = '', second = '', third = ''] = values;
  const acts: Record<PlayedCall, () => object | void> = {
    host: () => github.host(first, second, third === 'public'),
    token: () => ({ token: github.token('renewed', [first], 'ghp', JSON.parse(second || '{}') as object) }),
    rule: () => {
      github.rule = first || undefined;
    },
    revoke: () => github.revoke(first),
    merge: () => github.act('merge', first, Number(second)),
    close: () => github.act('close', first, Number(second)),
    reopen: () => github.act('reopen', first, Number(second)),
    review: () => github.say('review', first, Number(second), JSON.parse(third) as Said),
    comment: () => github.say('comment', first, Number(second), JSON.parse(third) as Said),
    issue: () => github.issue(first, JSON.parse(second) as IssueAct),
    forget: () => github.forget(first, second),
    grant: () => github.grant(first, second, third === 'read' ? 'read' : 'write'),
    check: () => github.check(JSON.parse(first) as HostedCheck),
    rules: () => github.rules(first, JSON.parse(second) as Rules),
    draft: () => github.mark('draft', first, Number(second), third === 'on'),
    auto_merge: () => github.mark('auto_merge', first, Number(second), third === 'on'),
    install: () => github.app.install(first),
    uninstall: () => github.app.uninstall(first),
    suspend: () => github.app.suspend(first, second === 'on'),
    rewrite: () => github.rewrite(first, JSON.parse(second) as Said['by'], third),
    include: () => github.app.include(first, second),
    move: () => github.move(first, second || undefined),
    archive: () => {
      const repository = github.repositories.get(first);
      if (repository) repository.archived = second === 'on';
    },
    fail: () => github.fail(new RegExp(first), JSON.parse(second) as Partial<Fault>),
    pulls: () => ({}),
  };
  return {
    ...acts[call](),
    pulls: github.pulls,
    app_tokens: github.app.tokens,
    installations: Object.fromEntries(github.app.installed),
    repositories: Object.fromEntries([...github.repositories].map(([name, { id }]) => [name, id])),
    remarks: github.remarks,
    issues: github.issues,
    hooks: github.hooks,
  };
}
