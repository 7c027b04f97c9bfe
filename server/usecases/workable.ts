import type { Services } from '#activities/ports/services.ts';
import type { WantedWork } from '#activities/ports/model.ts';
import { isolationProblem } from '#workflows/domain/agent/isolation.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';

const changes = ['org:write', 'org:members:write', 'org:billing:write', 'project:write'];

/** Whether a call is refused in an archived organization. What ends something or pays a debt is not. */
export const needsUnarchived = ({ method, auth, while_archived: allowed }: Contract): boolean =>
  allowed === undefined ? !['get', 'delete'].includes(method) && changes.includes(auth) : !allowed;

const starts = ['startSpec', 'startTicket', 'startRun', 'survey'] as const;

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

/** @throws invalid_rule for work that no agent can do here: it would fail after it has been stored and paid for. */
export async function requireAbleModel(
  { services: { model, sandbox, config }, organization_id, actor }: Call,
  work: WantedWork,
): Promise<void> {
  const account = await model.accountOf?.({ organization_id, user_id: actor.user_id });
  if (account?.key) return;
  const { isolated } = sandbox;
  const refusal =
    isolationProblem({ isolated, scripted: model.scripted, unsafe: config.sandbox.unsafe }) ?? model.refusal?.(work);
  if (refusal) throw new AppError('invalid_rule', refusal);
}
