/** Scripts that publish or sign in have effects that no sandbox can take back. */
export const publishes = (script: string): boolean =>
  /\b(npm|pnpm|yarn|bun|cargo|gem|twine|docker|vsce|lerna|changeset|semantic-release|np)\s+(publish|push|login|adduser|upload)\b|\bsemantic-release\b/.test(
    script,
  );

export interface EndingTest {
  /** The script that runs the tests and ends; undefined: there is none. */
  name?: string;
  /** Further arguments, without the separator that some clients want before them. */
  args: string;
  /** Assignments of environment variables before the command. */
  prefix: string;
  /** There are tests, and no way to run them once. */
  endless: boolean;
}

const once = ['test:ci', 'test:run', 'test:once', 'ci:test', 'test-ci', 'test:unit', 'test:node'];

/** What makes each test runner end, where the script lets it watch. The last command of a script gets the arguments. */
function endingOf(script: string): Pick<EndingTest, 'args' | 'prefix'> | undefined {
  const last = script.split(/&&|\|\||;|\|/).at(-1) ?? '';
  const watches = /(^|\s)--?(watch|watchAll|w)(=true)?(\s|$)/;
  const earlier = script.slice(0, script.length - last.length);
  if (watches.test(earlier) || /\bvitest\s*(watch|dev)?\s*(&&|;)/.test(earlier)) return undefined;
  if (/\bvitest(\s|$)/.test(last)) {
    if (/\bvitest\s+(run|bench|typecheck|related)\b|\s--run\b|--no-watch|--watch[= ]false/.test(last))
      return { args: '', prefix: '' };
    return { args: '--run', prefix: '' };
  }
  if (/\breact-scripts\s+test\b/.test(last)) return { args: '--watchAll=false', prefix: 'CI=1 ' };
  if (/\bng\s+test\b|\bkarma\s+start\b/.test(last)) {
    if (/--watch[= ]false|--no-watch|--single-run/.test(last)) return { args: '', prefix: '' };
    return { args: /\bng\b/.test(last) ? '--watch=false' : '--single-run', prefix: 'CI=1 ' };
  }
  if (!watches.test(last)) return /\bnodemon\b/.test(last) ? undefined : { args: '', prefix: '' };
  if (/\bjest\b/.test(last)) return { args: '--watch=false --watchAll=false', prefix: 'CI=1 ' };
  if (/\bmocha\b/.test(last)) return { args: '--no-watch', prefix: '' };
  return undefined;
}

/** The script that runs the tests once. */
export function endingTest(script: (name: string) => string | undefined): EndingTest {
  const test = script('test');
  const none = { args: '', prefix: '', endless: false };
  if (test === undefined || /no test specified/.test(test)) {
    const other = once.find((name) => script(name) !== undefined && endingOf(script(name) ?? ''));
    return other ? { ...none, name: other } : none;
  }
  // A script that only calls another one is as endless as that one.
  const called = /^\s*(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:-s\s+)?([\w:-]+)\s*$/.exec(test)?.[1];
  const text = (called !== undefined && called !== 'test' && script(called)) || test;
  const ending = endingOf(text);
  if (ending && text === test) return { ...ending, name: 'test', endless: false };
  if (ending && called) return { ...ending, name: ending.args ? called : 'test', endless: false };
  const other = once.find((name) => {
    const end = script(name) !== undefined && endingOf(script(name) ?? '');
    return end && end.args === '';
  });
  return other ? { ...none, name: other } : { ...none, endless: true };
}
