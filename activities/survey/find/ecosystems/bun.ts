import { check, type Ecosystem } from '../ecosystem.ts';
import { findNodeProject, isWorkspaceMember, nodeManifest, type NodeClient } from '../node-project.ts';

const client: NodeClient = {
  name: 'bun',
  lockFiles: ['bun.lock', 'bun.lockb'],
  install: (_folder, _manifest, locked) => `bun install${locked ? ' --frozen-lockfile' : ' --no-save'}`,
  script: (name, args) => `bun run ${name}${args ? ` ${args}` : ''}`,
  run: (program) => `bunx --no-install ${program}`,
  members: () => "bun run --filter '*' test",
  member: (path) => `bun run --cwd ${path} test`,
};

export const bun: Ecosystem = {
  name: 'bun',
  language: 'node',
  markers: /^package\.json$/,
  files: ['bun.lock', 'bun.lockb', 'bunfig.toml'],
  find(folder) {
    if (!folder.has('package.json')) return undefined;
    const manifest = nodeManifest(folder);
    const named = manifest?.packageManager;
    if (named ? !named.startsWith('bun') : !client.lockFiles.some((name) => folder.has(name))) return undefined;
    const part = findNodeProject(folder, client, manifest?.workspaces ?? []);
    const tests = folder.find(/(^|\/)[^/]+[._](test|spec)\.[jt]sx?$/, 1);
    // Bun runs test files without a script.
    if (tests.length === 0 || part.checks.some(({ purpose }) => purpose === 'test')) return part;
    return { ...part, checks: [check('test', 'bun test', folder.file('package.json'), 1), ...part.checks] };
  },
  covers: (folder, below) => isWorkspaceMember(nodeManifest(folder)?.workspaces ?? [], below),
};
