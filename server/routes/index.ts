import type { Services } from '#activities/ports/services.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Route } from '../http/define-route.ts';
import type { Auth } from '../usecases/auth.ts';
import { authRoutes } from './auth.ts';
import { codeRoutes } from './code.ts';
import { eventRoutes } from './events.ts';
import { moneyRoutes } from './money.ts';
import { monitorRoutes } from './monitor.ts';
import { organizationRoutes } from './organizations.ts';
import { projectRoutes } from './projects.ts';
import { runRoutes } from './runs.ts';
import { specRoutes } from './specs.ts';
import { workRoutes } from './work.ts';

/** Every call of the REST interface. Fixed paths come before those with an id where both would match. */
export function allRoutes(services: Services, auth: Auth): Route<Contract>[] {
  return [
    ...authRoutes(services, auth),
    ...organizationRoutes,
    ...projectRoutes,
    ...specRoutes,
    ...workRoutes,
    ...runRoutes,
    ...codeRoutes,
    ...moneyRoutes,
    ...monitorRoutes,
    ...eventRoutes,
  ] as unknown as Route<Contract>[];
}
