import type { Services } from '#activities/ports/services.ts';
import type { Contract } from '../contracts/contract.ts';

const changes = ['org:write', 'org:members:write', 'org:billing:write', 'project:write'];

/** Whether a call is refused in an archived organization. What ends something or pays a debt is not. */
export const needsUnarchived = ({ method, auth, while_archived: allowed }: Contract): boolean =>
  allowed === undefined ? !['get', 'delete'].includes(method) && changes.includes(auth) : !allowed;

const starts = ['startSpec', 'startTicket', 'startRun', 'startQuestion', 'startTitle', 'survey'] as const;

/** The services of a call that has not passed the door: it cannot start the workflows of agents. */
export function withoutStarts(services: Services): Services {
  const refused = (name: string) => () =>
    Promise.reject(
      new Error(`${name} was called by a call that does not pass the door: its contract lacks starts_work.`),
    );
  const workflows = Object.assign(
    Object.create(services.workflows) as Services['workflows'],
    Object.fromEntries(starts.map((name) => [name, refused(name)])),
  );
  return Object.assign(Object.create(services) as Services, { workflows });
}
