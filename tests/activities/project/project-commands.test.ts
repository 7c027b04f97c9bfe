import { projectCommands } from '#activities/project/project-commands.ts';

/** The commands of a project with two folders, of which the survey of `surveyed` could not set up one. */
function commandsAt(sha: string, surveyed: string) {
  const files: Record<string, string> = {
    'a/package.json': '{"scripts":{"test":"node --test"},"dependencies":{"x":"1.0.0"}}',
    'a/package-lock.json': '{}',
    'b/go.mod': 'module b\n\nrequire example.org/x v1.0.0\n',
    'b/go.sum': 'example.org/x v1.0.0 h1:\n',
    'b/b_test.go': 'package b\n',
  };
  const root = (path: string, setup: string, exit_code: number) => ({
    path,
    setup: [setup],
    setup_steps: [{ command: setup, exit_code }],
    checks: [],
  });
  const services = {
    store: {
      projects: { get: async () => ({ id: 'p', settings: {} }) },
      surveys: {
        find: async () => ({ base_sha: surveyed, roots: [root('a', 'npm ci', 1), root('b', 'go mod download', 0)] }),
      },
    },
    repositories: {
      listFiles: async () => ({ paths: Object.keys(files), total: 5 }),
      readFiles: async (_project: string, _sha: string, paths: string[]) =>
        new Map(paths.filter((name) => name in files).map((name) => [name, files[name]] as const)),
    },
  };
  // Only these methods are called.
  return projectCommands(services as unknown as Parameters<typeof projectCommands>[0], 'o', 'p', sha);
}

test('set-up that a survey of the same commit could not do is named, of its folder alone', async () => {
  const { setup, hopeless } = await commandsAt('one', 'one');
  expect(hopeless).toEqual(["cd 'a' && npm ci"]);
  expect(setup).toContain("cd 'a' && npm ci");
  expect(setup.some((command) => command.startsWith("cd 'b' && go mod download"))).toBe(true);
});

test('another commit may have fixed it', async () => {
  expect((await commandsAt('two', 'one')).hopeless).toEqual([]);
});
