import { sandboxLimits } from '../agent/sandbox.ts';
import type { Services } from '../ports/services.ts';

/** A sandbox that belongs to no run: a clean checkout of a commit for one check. */
export async function ensurePlainSandbox(services: Services, subject: { id: string; project_id: string; sha: string }): Promise<void> {
  await services.sandbox.create({
    id: subject.id, project_id: subject.project_id, base_sha: subject.sha, branch: 'omoios-check', access: 'read_write', labels: { project: 'omoios', project_id: subject.project_id },
    limits: sandboxLimits(services.config),
  });
}
