import { isolationProblem } from '#workflows/domain/agent/isolation.ts';
import { isShort, leastOfFirstCall, leastOfWork } from '#workflows/domain/billing/least-call.ts';
import type { ChosenRunner } from '#workflows/domain/agent/runners.ts';
import { scopesOf, type CallScope } from '#workflows/domain/billing/scopes.ts';
import { shortage } from '#workflows/domain/billing/spent-budget.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { WantedWork } from './model.ts';
import type { Services } from './services.ts';

/** Who starts work. */
interface Starter {
  email: string;
  is_verified: boolean;
}

/**
 * The one door of everything that starts work.
 * @param projectId the project that the work is for; null when it is being created.
 * @throws conflict for an archived organization and a project that is not active; forbidden before verification.
 */
export async function requireWorkable(
  { services, organization_id, actor }: { services: Services; organization_id: string; actor: Starter },
  projectId: string | null,
): Promise<void> {
  requireVerified(services, actor);
  refuseArchived(await services.store.identity.organization(organization_id));
  const project = projectId === null ? null : await services.store.projects.get(organization_id, projectId);
  if (project && project.status !== 'active')
    throw new AppError(
      'conflict',
      `The project is ${project.status} and accepts no new work. Set its status to active first.`,
    );
}

/** @throws conflict for an archived organization: nothing in it is started, bought or changed. */
export function refuseArchived(organization: { archived_at: Date | null } | null): void {
  if (!organization?.archived_at) return;
  throw new AppError(
    'conflict',
    'The organization is archived, so nothing in it is started, bought or changed. Its owner restores it: POST /organizations/{id}/restore.',
  );
}

/** Where mails leave the installation, and in production, an account starts no work before its address is verified. */
const mustVerify = ({ config, mail }: Pick<Services, 'config' | 'mail'>): boolean =>
  config.auth.verification === undefined
    ? mail.delivers || config.env === 'production'
    : config.auth.verification !== 'optional';

/** AUTH-07. @throws forbidden while the address of the caller is not verified, where the installation asks for it. */
export function requireVerified(services: Services, { is_verified: isVerified, email }: Starter): void {
  if (isVerified || !mustVerify(services)) return;
  throw new AppError(
    'forbidden',
    `The address ${email} is not verified, so the account cannot start work. Open the link in the mail, or ask the operator of this installation to run: npx omoios admin verify ${email}`,
  );
}

/**
 * Running work waits for money. New work is not begun where its first call would wait.
 * @param work `budget_usd`: the budget that the work is to have. `model`: the one that it names.
 * @throws budget_exceeded; invalid_body for a budget of the work itself that allows no call; invalid_rule where no key
 * pays for its calls.
 */
export async function requireMoney(
  {
    services: { store, model, config },
    organization_id,
    actor,
  }: { services: Services; organization_id: string; actor: { user_id: string } },
  work: Omit<CallScope, 'organization_id'> & { budget_usd?: number; model?: string },
): Promise<void> {
  const account = await model.accountOf?.({ organization_id, user_id: actor.user_id || null });
  if (account?.refused) throw new AppError('invalid_rule', account.refused);
  const { budget_usd: own, model: named = account?.model ?? config.model.name } = work;
  const least = leastOfFirstCall(named, config.model);
  const enough = leastOfWork(named, config.model);
  if (own !== undefined && Math.round(own * 1e6) < enough) {
    const message = `must be at least ${Math.ceil(enough / 1e4) / 100} dollars, since the first calls may cost so much`;
    throw new AppError('invalid_body', `budget_usd ${message}.`, [{ field: 'budget_usd', message }]);
  }
  const scopes = scopesOf({ ...work, organization_id });
  const { budgets } = await store.budgets.check(organization_id, scopes, least);
  const low = budgets.find((budget) => isShort(budget, least));
  if (!low) return;
  throw new AppError('budget_exceeded', `${shortage(low, least)} Raise it, then start the work.`, {
    budget_id: low.id,
    scope_type: low.scope_type,
    scope_id: low.scope_id,
  });
}

/** @throws invalid_rule for work that no agent can do here: it would fail after it has been stored and paid for. */
export async function requireAbleModel(
  {
    services: { model, sandbox, config },
    organization_id,
    actor,
  }: { services: Services; organization_id: string; actor: { user_id: string } },
  work: WantedWork,
): Promise<void> {
  const account = await model.accountOf?.({ organization_id, user_id: actor.user_id || null });
  if (account?.key) return;
  const { isolated } = sandbox;
  const refusal =
    isolationProblem({ isolated, scripted: model.scripted, unsafe: config.sandbox.unsafe }) ?? model.refusal?.(work);
  if (refusal) throw new AppError('invalid_rule', refusal);
}

/**
 * Work is not begun whose runner could not ask its model: it would wait for a person in its first run.
 * @throws invalid_rule with the setting that is missing.
 */
export function requireRunner(
  { sandbox, config }: Pick<Services, 'sandbox' | 'config'>,
  { settings }: { settings: { runner?: ChosenRunner } },
): void {
  const runner = settings.runner ?? config.run.runner;
  if (runner === 'loop' || sandbox.platformUrl) return;
  const remedies: Record<string, string> = {
    daytona: 'Set OMOIOS_SANDBOX_API_URL to an address of this server that they reach',
    docker:
      'Set OMOIOS_SANDBOX_DOCKER_PLATFORM_NETWORK to a network of the engine that reaches nothing but this server, and OMOIOS_SANDBOX_API_URL to its address there',
  };
  throw new AppError(
    'invalid_rule',
    `The runner ${runner} asks its model through the platform, which sandboxes of ${sandbox.provider} do not reach here. ${remedies[sandbox.provider] ?? 'Isolate commands (bubblewrap) and set OMOIOS_SANDBOX_API_URL'}, or the setting runner of the project to loop.`,
  );
}
