export interface KeyFile {
  path: string;
  /** Why somebody new to the code reads it first. */
  why: string;
}

/** Kinds of files that explain a code base, in the order in which they are read. The nearest to the top comes first. */
const kinds: readonly { why: string; pattern: RegExp; most: number }[] = [
  { why: 'says what the project is', pattern: /(^|\/)readme(\.\w+)?$/i, most: 2 },
  { why: 'orders for agents', pattern: /(^|\/)(agents|claude)\.md$/i, most: 1 },
  { why: 'explains the design', pattern: /(^|\/)(architecture|design|contributing)\.(md|rst|adoc|txt)$/i, most: 2 },
  {
    why: 'names the packages and commands',
    pattern:
      /(^|\/)(package\.json|pyproject\.toml|setup\.py|go\.mod|cargo\.toml|pom\.xml|build\.gradle(\.kts)?|gemfile|composer\.json|makefile|[\w.-]+\.csproj)$/i,
    most: 3,
  },
  {
    why: 'a place where the program begins',
    pattern: /(^|\/)(main|index|app|server|cli|lib|mod|program|__main__|manage|wsgi)\.[a-z]{1,4}$/i,
    most: 4,
  },
  { why: 'defines what is stored', pattern: /(^|\/)(schema|models?)\.[a-z]{1,6}$|\.(proto|graphql|sql)$/i, most: 2 },
  { why: 'runs the checks', pattern: /^\.(github\/workflows|circleci)\/.+\.ya?ml$|^\.gitlab-ci\.yml$/i, most: 1 },
];

const most = 12;
/** Code of others, outputs, and examples for tests. */
export const foreign =
  /(^|\/)(node_modules|vendor|third_party|dist|build|out|target|coverage|fixtures?|testdata|generated|\.cache)\//i;
export const isTest = (path: string) =>
  /(^|\/)(tests?|spec|specs|__tests__|e2e)\/|[._-](test|spec)\.\w+$|(^|\/)test_\w+\.py$/i.test(path);

const depth = (path: string) => path.split('/').length;

/** The files of a repository that explain it, from its paths alone. */
export function keyFilesOf(paths: readonly string[]): KeyFile[] {
  const own = paths.filter((path) => !foreign.test(path) && !/\.(d\.ts|lock|min\.js)$/.test(path));
  const chosen = new Map<string, string>();
  for (const { why, pattern, most: some } of kinds) {
    const fitting = own
      .filter((path) => pattern.test(path) && !chosen.has(path) && !isTest(path))
      .sort((a, b) => depth(a) - depth(b) || a.localeCompare(b));
    for (const path of fitting.slice(0, some)) chosen.set(path, why);
  }
  return [...chosen].slice(0, most).map(([path, why]) => ({ path, why }));
}
