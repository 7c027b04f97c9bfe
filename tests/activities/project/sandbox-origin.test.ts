import { requireOrigin } from '#activities/ports/sandbox-origin.ts';
import { loadConfig } from '#activities/services/config.ts';
import type { SandboxOrigin } from '#prisma/store/project-settings.ts';
import { updateProject } from '#server/contracts/projects.ts';

const config = loadConfig(
  { data_dir: '/nowhere' },
  { OMOIOS_SANDBOX_PROJECT_IMAGES: 'registry.example.org/team/*,node:22,team-snapshot' },
);
const daytona = { provider: 'daytona', origins: ['image', 'snapshot'] as const };
const docker = { provider: 'docker', origins: ['image'] as const };
const local = { provider: 'local', origins: [] as const };

test.each<[place: typeof daytona | typeof docker | typeof local, chosen: SandboxOrigin, refused: RegExp | undefined]>([
  [daytona, { image: 'registry.example.org/team/app:1' }, undefined],
  [daytona, { snapshot: 'team-snapshot' }, undefined],
  [docker, { image: 'node:22' }, undefined],
  [docker, { image: 'node:22-alpine' }, /^settings\.sandbox\.image is not one that projects may use: node:22-alpine/],
  [docker, { image: 'registry.example.org/other/app' }, /OMOIOS_SANDBOX_PROJECT_IMAGES/],
  [docker, { snapshot: 'team-snapshot' }, /^settings\.sandbox\.snapshot has no use here/],
  [local, { image: 'node:22' }, /sandboxes of local are made from no image/],
])('[EXEC-14] at %p a project that names %p for its sandboxes is refused by %p', (sandbox, chosen, refused) => {
  const ask = () => requireOrigin({ sandbox, config }, chosen);
  if (refused)
    expect(ask).toThrow(expect.objectContaining({ code: 'invalid_rule', message: expect.stringMatching(refused) }));
  else expect(ask()).toEqual(chosen);
});

test('[EXEC-14] a project that names nothing has the sandboxes of the platform', () => {
  expect(requireOrigin({ sandbox: local, config }, null)).toBeUndefined();
});

test.each<[name: string, fits: boolean]>([
  ['node', true],
  ['registry.example.org:5000/team/my-app_x.y:v1.2', true],
  [`team/app@sha256:${'0'.repeat(64)}`, true],
  ['Node:22', false],
  ['node:22\nRUN curl example.org', false],
  ['node:22 AS x', false],
  ['../node', false],
  ['', false],
])('the name %p of an image is taken: %p', (image, fits) => {
  expect(updateProject.body.safeParse({ settings: { sandbox: { image } } }).success).toBe(fits);
});
