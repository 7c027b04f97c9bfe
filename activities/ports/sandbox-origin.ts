import type { SandboxOrigin } from '#prisma/store/project-settings.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { SandboxPort, SandboxSpec } from './sandbox.ts';
import type { Services } from './services.ts';

const fits = (pattern: string, name: string) =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/**
 * The image or snapshot that a project has chosen for its sandboxes, checked against this installation: a place may hold those
 * of others too, so the operator lists what projects may name.
 * @returns undefined where it has chosen none.
 * @throws invalid_rule
 */
export function requireOrigin(
  { sandbox, config }: { sandbox: Pick<SandboxPort, 'provider' | 'origins'>; config: Services['config'] },
  chosen: SandboxOrigin | null | undefined,
): SandboxOrigin | undefined {
  if (!chosen) return undefined;
  const [kind, name] =
    'snapshot' in chosen ? (['snapshot', chosen.snapshot] as const) : (['image', chosen.image] as const);
  const refuse = (message: string) => {
    const field = `settings.sandbox.${kind}`;
    return new AppError('invalid_rule', `${field} ${message}.`, [{ field, message }]);
  };
  if (!sandbox.origins.includes(kind))
    throw refuse(
      `has no use here: sandboxes of ${sandbox.provider} are made from no ${kind} that a project names. Set settings.sandbox to null`,
    );
  if (!config.sandbox.project_images.some((pattern) => fits(pattern, name)))
    throw refuse(
      `is not one that projects may use: ${name}. Ask the operator to list it in OMOIOS_SANDBOX_PROJECT_IMAGES, or set settings.sandbox to null`,
    );
  return chosen;
}

/** What the sandboxes of a project are made from, as a part of their specification. */
export async function originOf(
  services: Pick<Services, 'store' | 'sandbox' | 'config'>,
  organizationId: string,
  projectId: string,
): Promise<Pick<SandboxSpec, 'origin'>> {
  const { settings } = await services.store.projects.get(organizationId, projectId);
  const origin = requireOrigin(services, settings.sandbox);
  return origin ? { origin } : {};
}
