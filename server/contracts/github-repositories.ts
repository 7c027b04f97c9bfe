import { z } from 'zod';
import { contract, isoTime, listOf, pageQuery, uuid } from './contract.ts';

/** Names at GitHub. */
export const githubName = z
  .string()
  .regex(/^[\w.-]{1,100}$/, 'must be a name at GitHub: letters, digits, dots, hyphens and underscores, at most 100')
  .refine((text) => text !== '.' && text !== '..', 'must be a name at GitHub');
const place = z.object({ owner: githubName, repo: githubName });
/** A branch, tag or commit. */
const ref = z.string().min(1).max(250);
const path = z
  .string()
  // Escaped in an address it must fit the head of a request, of which Node takes 16 KB.
  .max(800)
  .refine(
    (text) => !text.split('/').some((part) => part === '..' || part === '.'),
    'must not lead out of the repository',
  );
const file = path.min(1);

const common = { tag: 'github' } as const;
const reads = { ...common, auth: 'project:read', failures: [400, 403, 404, 413, 429, 503] } as const;
const writes = { ...common, auth: 'project:write', failures: [400, 403, 404, 409, 429, 503] } as const;

export const githubRepository = z.object({
  /** It stays the same under another name or owner. */
  id: z.string(),
  owner: z.string(),
  name: z.string(),
  full_name: z.string(),
  description: z.string().nullable(),
  private: z.boolean(),
  archived: z.boolean(),
  default_branch: z.string(),
  url: z.string(),
  language: z.string().nullable(),
  stars: z.number().int(),
  pushed_at: isoTime.nullable(),
  may_push: z.boolean(),
  may_administer: z.boolean(),
  /** The project of this organization that works on it. */
  project: z.object({ id: uuid, name: z.string() }).nullable(),
});
const branch = z.object({ name: z.string(), sha: z.string(), protected: z.boolean() });
const entry = z.object({
  path: z.string(),
  kind: z.enum(['file', 'directory', 'symlink', 'submodule']),
  sha: z.string(),
  size: z.number().int().nullable(),
});
export const githubPull = z.object({
  number: z.number().int(),
  title: z.string(),
  state: z.enum(['open', 'closed', 'merged']),
  draft: z.boolean(),
  author: z.string().nullable(),
  head: z.string(),
  base: z.string(),
  head_sha: z.string(),
  url: z.string(),
  created_at: isoTime,
});

export const githubRepositories = contract({
  ...reads,
  method: 'get',
  path: '/github/repos',
  summary: "Repositories that the caller's connection reads, the last pushed first",
  query: pageQuery.extend({ query: z.string().trim().max(100).optional() }),
  response: listOf(githubRepository),
});
export const githubOwners = contract({
  ...reads,
  method: 'get',
  path: '/github/owners',
  summary: "The caller's account at GitHub and its organizations",
  query: pageQuery,
  response: listOf(z.object({ login: z.string(), kind: z.enum(['user', 'organization']) })),
});
export const githubRepositoryOf = contract({
  ...reads,
  method: 'get',
  path: '/github/repos/{owner}/{repo}',
  summary: 'Get a repository at GitHub',
  params: place,
  response: githubRepository,
});
export const githubBranches = contract({
  ...reads,
  method: 'get',
  path: '/github/repos/{owner}/{repo}/branches',
  summary: 'Branches of a repository at GitHub',
  params: place,
  query: pageQuery,
  response: listOf(branch),
});
export const githubContents = contract({
  ...reads,
  method: 'get',
  path: '/github/repos/{owner}/{repo}/contents/{path}',
  summary: 'Read a file at GitHub: its text, or base64 where it is not text; at most 1 MB',
  params: place.extend({ path: file }),
  query: z.object({ ref: ref.optional() }),
  response: z.object({
    path: z.string(),
    sha: z.string(),
    size: z.number().int(),
    content: z.string(),
    encoding: z.enum(['utf-8', 'base64']),
  }),
});
export const githubDirectory = contract({
  ...reads,
  method: 'get',
  path: '/github/repos/{owner}/{repo}/directory',
  summary: 'List a directory at GitHub; without a path, the root',
  params: place,
  query: pageQuery.extend({ path: path.default(''), ref: ref.optional() }),
  response: listOf(entry),
});
export const githubTree = contract({
  ...reads,
  method: 'get',
  path: '/github/repos/{owner}/{repo}/tree',
  summary: 'All files and directories of a repository at GitHub',
  params: place,
  query: pageQuery.extend({ ref: ref.optional() }),
  /** `truncated`: GitHub lists no more of so many. */
  response: listOf(entry).extend({ truncated: z.boolean() }),
});
export const githubCommits = contract({
  ...reads,
  method: 'get',
  path: '/github/repos/{owner}/{repo}/commits',
  summary: 'Commits of a repository at GitHub, the newest first',
  params: place,
  query: pageQuery.extend({ ref: ref.optional(), path: path.optional() }),
  response: listOf(
    z.object({
      sha: z.string(),
      message: z.string(),
      author: z.string().nullable(),
      authored_at: isoTime.nullable(),
      url: z.string(),
    }),
  ),
});
export const githubPulls = contract({
  ...reads,
  method: 'get',
  path: '/github/repos/{owner}/{repo}/pulls',
  summary: 'Pull requests of a repository at GitHub, the newest first',
  params: place,
  query: pageQuery.extend({ state: z.enum(['open', 'closed', 'all']).default('open') }),
  response: listOf(githubPull),
});
export const createGithubBranch = contract({
  ...writes,
  method: 'post',
  path: '/github/repos/{owner}/{repo}/branches',
  summary: 'Create a branch at GitHub',
  status: 201,
  params: place,
  /** `from`: a branch, tag or commit; by default the default branch. */
  body: z.strictObject({ name: ref, from: ref.optional() }),
  response: branch,
});
export const createGithubPull = contract({
  ...writes,
  method: 'post',
  path: '/github/repos/{owner}/{repo}/pulls',
  summary: 'Open a pull request at GitHub',
  status: 201,
  params: place,
  body: z.strictObject({
    title: z.string().trim().min(1).max(256),
    body: z.string().max(65_536).optional(),
    head: ref,
    base: ref,
    draft: z.boolean().optional(),
  }),
  response: githubPull,
});
export const putGithubContents = contract({
  ...writes,
  method: 'put',
  path: '/github/repos/{owner}/{repo}/contents/{path}',
  summary: 'Commit a file at GitHub',
  params: place.extend({ path: file }),
  body: z.strictObject({
    content: z.string().max(1_000_000),
    encoding: z.enum(['utf-8', 'base64']).default('utf-8'),
    message: z.string().trim().min(1).max(10_000),
    branch: ref.optional(),
    /** Of the file that is replaced. Without it, only a new file is written. */
    sha: z
      .string()
      .regex(/^[0-9a-f]{40,64}$/, 'must be the sha of the file')
      .optional(),
  }),
  response: z.object({ sha: z.string(), commit_sha: z.string() }),
});

/** The account's own login or an organization of it; by default the account itself. */
const owner = githubName.optional();

export const createGithubRepository = contract({
  ...writes,
  method: 'post',
  path: '/github/repos',
  summary: 'Create a repository at GitHub, and with auto_scaffold a project on it, which builds the described feature',
  starts_work: true,
  status: 201,
  body: z
    .strictObject({
      name: githubName,
      owner,
      visibility: z.enum(['private', 'public']).default('private'),
      description: z.string().max(350).optional(),
      /** owner/name of a template repository whose files it begins with. */
      template: z
        .string()
        .regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, 'must be owner/repository')
        .optional(),
      /** Makes a first commit and a project of this organization. */
      auto_scaffold: z.boolean().default(false),
      /** Launched as a feature of the project. */
      feature_description: z.string().trim().min(10).max(50_000).optional(),
    })
    .refine(({ auto_scaffold: scaffold, feature_description: feature }) => scaffold || !feature, {
      path: ['feature_description'],
      error: 'needs auto_scaffold: true, which makes the project that builds it',
    }),
  response: z.object({
    repository: githubRepository,
    project_id: uuid.nullable(),
    spec_id: uuid.nullable(),
    /** Why the project or its feature did not begin though the repository exists, and what to do. */
    problem: z.string().nullable(),
  }),
});
export const checkGithubAvailability = contract({
  ...reads,
  method: 'post',
  path: '/github/check-availability',
  summary: 'Whether a name of a repository is free at GitHub',
  body: z.strictObject({ name: githubName, owner }),
  response: z.object({ available: z.boolean(), full_name: z.string(), reason: z.string().nullable() }),
});
