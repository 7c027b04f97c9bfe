import { setupKey } from '#activities/project/setup-key.ts';

/** The key for a repository of these files, in which `tree` stands for all others. */
function keyOf(files: Record<string, string>, setup: string[], { tree = 'a', go = '1.26' } = {}): Promise<string> {
  const services = {
    repositories: {
      listFiles: async () => ({ paths: Object.keys(files), total: 0 }),
      readFiles: async (_project: string, _sha: string, paths: string[]) =>
        new Map(paths.map((name) => [name, files[name]] as const)),
      readFile: async () => undefined,
      treeOf: async () => tree,
    },
    sandbox: { provider: 'local', tools: async () => [{ name: 'go', version: go, path: '/go' }] },
  };
  // Only these methods are called.
  const given = services as unknown as Parameters<typeof setupKey>[0];
  return setupKey(given, { sandbox_id: 's', project_id: 'p', sha: 'c' }, { setup, network: 'setup' });
}

describe('the key of a set-up', () => {
  const files = { 'package.json': '{}', 'api/package-lock.json': '1', 'install.sh': 'x', 'src/a.js': 'x' };
  const base = ['npm ci'];

  test('covers lock files and manifests in every folder, commands, and versions of tools', async () => {
    const key = await keyOf(files, base);
    expect(key).toMatch(/^[0-9a-f]{40}$/);
    expect(await keyOf({ ...files, 'src/a.js': 'y', 'install.sh': 'y' }, base, { tree: 'b' })).toBe(key);
    expect(await keyOf({ ...files, 'api/package-lock.json': '2' }, base)).not.toBe(key);
    expect(await keyOf({ ...files, 'api/go.mod': '' }, base)).not.toBe(key);
    expect(await keyOf(files, ['npm ci --ignore-scripts'])).not.toBe(key);
    expect(await keyOf(files, base, { go: '1.27' })).not.toBe(key);
  });

  test('covers the files that a command names', async () => {
    const setup = ['npm ci && sh ./install.sh'];
    const key = await keyOf(files, setup);
    expect(await keyOf(files, setup, { tree: 'b' })).toBe(key);
    expect(await keyOf({ ...files, 'install.sh': 'y' }, setup)).not.toBe(key);
  });

  test.each([
    ['Go', ['go mod download', "go list -e -export -test -deps -f '' ./..."]],
    ['Cargo', ['cargo fetch --locked', 'cargo test --no-run --offline --locked --workspace || true']],
  ])('covers no source that %s compiles: its cache knows by itself what still fits', async (_name, setup) => {
    expect(await keyOf(files, setup, { tree: 'b' })).toBe(await keyOf(files, setup));
  });

  test.each([
    ['a command that is not known to install only', ['npm ci', 'npm run build'], {}],
    ['a script that npm runs after it', ['npm ci'], { 'package.json': '{"scripts":{"prepare":"tsc"}}' }],
  ])('covers the whole tree with %s', async (_why, setup, more) => {
    const all = { ...files, ...more };
    expect(await keyOf(all, setup, { tree: 'b' })).not.toBe(await keyOf(all, setup));
    const hooks = { ...files, 'package.json': '{"scripts":{"prepare":"husky"}}' };
    expect(await keyOf(hooks, base, { tree: 'b' })).toBe(await keyOf(hooks, base));
  });
});
