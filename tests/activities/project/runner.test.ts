import { requireRunner } from '#activities/ports/require-workable.ts';
import { loadConfig } from '#activities/services/config.ts';
import { createProject, updateProject } from '#server/usecases/projects.ts';

const none = undefined;
const here = 'http://omoios.internal';

test.each<
  [provider: string, platformUrl: string | undefined, usual: string, own: 'loop' | undefined, refused?: RegExp]
>([
  ['local', here, 'claude-agent-sdk', undefined],
  ['local', none, 'claude-agent-sdk', undefined, /Isolate commands \(bubblewrap\) and set OMOIOS_SANDBOX_API_URL/],
  [
    'daytona',
    none,
    'claude-agent-sdk',
    undefined,
    /sandboxes of daytona do not reach here\. Set OMOIOS_SANDBOX_API_URL/,
  ],
  ['daytona', 'https://omoios.example.org', 'claude-agent-sdk', undefined],
  [
    'docker',
    none,
    'claude-agent-sdk',
    undefined,
    /Set OMOIOS_SANDBOX_DOCKER_PLATFORM_NETWORK .* OMOIOS_SANDBOX_API_URL .*, or the setting runner/,
  ],
  ['daytona', none, 'claude-agent-sdk', 'loop'],
  ['daytona', none, 'loop', undefined],
])(
  '[EXEC-16] at %p with %p and RUNNER %p a project with %p begins work, or learns which setting is missing',
  (...row) => {
    const [provider, platformUrl, usual, own, refused] = row;
    const config = loadConfig({ data_dir: '/nowhere' }, { RUNNER: usual });
    const ask = () =>
      requireRunner({ sandbox: { provider, platformUrl }, config } as never, { settings: { runner: own } });
    if (refused)
      expect(ask).toThrow(expect.objectContaining({ code: 'invalid_rule', message: expect.stringMatching(refused) }));
    else expect(ask()).toBeUndefined();
  },
);

test('[EXEC-16] a project is not given a runner with which none of its work could begin', async () => {
  const config = loadConfig({ data_dir: '/nowhere' }, {});
  const store = { projects: { get: async () => ({ settings: {} }) } };
  const call = {
    services: { store, config, sandbox: { provider: 'docker', origins: ['image'] } },
    actor: { is_super_admin: true, grants: [] },
  } as never;
  const settings = { runner: 'claude-agent-sdk' as const };
  const refused = { code: 'invalid_rule', message: expect.stringContaining('PLATFORM_NETWORK') as unknown };
  await expect(updateProject(call, 'project', { settings })).rejects.toMatchObject(refused);
  const project = { name: 'p', repository: { path: '/nowhere' }, settings };
  await expect(createProject(call, project as never)).rejects.toMatchObject(refused);
  await expect(updateProject(call, 'project', { settings: { sandbox: { image: 'other' } } })).rejects.toMatchObject({
    message: expect.stringContaining('OMOIOS_SANDBOX_PROJECT_IMAGES') as unknown,
  });
});
