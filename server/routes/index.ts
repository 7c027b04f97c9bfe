import type { Services } from '#activities/ports/services.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Route } from '../http/define-route.ts';
import type { Auth } from '../usecases/auth.ts';
import { accountRoutes } from './accounts.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { authRoutes } from './auth.ts';
import { billingRoutes } from './billing.ts';
import { paymentRoutes } from './payments.ts';
import { boardRoutes } from './board.ts';
import { branchWorkflowRoutes } from './branch-workflow.ts';
import { budgetRoutes } from './budgets.ts';
import { commitRoutes } from './commits.ts';
import { coordinationRoutes } from './coordination.ts';
import { costRoutes } from './costs.ts';
import { credentialRoutes } from './credentials.ts';
import { discoveryRoutes } from './discoveries.ts';
import { eventRoutes } from './events.ts';
import { exploreRoutes } from './explore.ts';
import { githubRoutes } from './github.ts';
import { graphRoutes } from './graph.ts';
import { invoiceRoutes } from './invoices.ts';
import { invitationRoutes } from './invitations.ts';
import { lockRoutes } from './locks.ts';
import { mailedLinkRoutes } from './mailed-links.ts';
import { mailRoutes } from './mails.ts';
import { mcpRoutes } from './mcp.ts';
import { memoryRoutes } from './memory.ts';
import { notificationRoutes } from './notifications.ts';
import { onboardingRoutes } from './onboarding.ts';
import { oauthRoutes } from './oauth.ts';
import { organizationRoutes } from './organizations.ts';
import { phaseRoutes } from './phases.ts';
import { previewRoutes } from './previews.ts';
import { diagnosticRoutes } from './diagnostic.ts';
import { qualityRoutes } from './quality.ts';
import { projectRoutes } from './projects.ts';
import { pullRequestRoutes } from './pull-requests.ts';
import { reasoningRoutes } from './reasoning.ts';
import { reportRoutes } from './report.ts';
import { requirementRoutes } from './requirements.ts';
import { resultRoutes } from './results.ts';
import { anomalyRoutes } from './anomalies.ts';
import { agentRoutes } from './agents.ts';
import { alertRoutes } from './alerts.ts';
import { guardianRoutes } from './guardian.ts';
import { collaborationRoutes } from './collaboration.ts';
import { runRoutes } from './runs.ts';
import { sandboxRoutes } from './sandboxes.ts';
import { secondFactorRoutes } from './second-factor.ts';
import { specLifeRoutes } from './spec-life.ts';
import { specRoutes } from './specs.ts';
import { taskTimeoutRoutes } from './task-timeouts.ts';
import { taskRoutes } from './tasks.ts';
import { approvalRoutes } from './approvals.ts';
import { ticketLifeRoutes } from './ticket-life.ts';
import { ticketRoutes } from './tickets.ts';
import { validationRoutes } from './validation.ts';
import { watchdogRoutes } from './watchdog.ts';
import { watchingRoutes } from './watching.ts';

/** Every call of the REST interface. Fixed paths come before those with an id where both would match. */
export function allRoutes(services: Services, auth: Auth): Route<Contract>[] {
  return [
    ...authRoutes(services, auth),
    ...secondFactorRoutes(services, auth),
    ...oauthRoutes(services, auth),
    ...mailedLinkRoutes(services),
    ...invitationRoutes(services),
    ...mailRoutes,
    ...accountRoutes,
    ...apiKeyRoutes,
    ...credentialRoutes,
    ...notificationRoutes,
    ...onboardingRoutes,
    ...organizationRoutes,
    ...projectRoutes,
    ...exploreRoutes,
    ...previewRoutes,
    ...specLifeRoutes,
    ...specRoutes,
    ...requirementRoutes,
    ...boardRoutes,
    ...phaseRoutes,
    ...approvalRoutes,
    ...ticketRoutes,
    ...ticketLifeRoutes,
    ...taskTimeoutRoutes,
    ...taskRoutes,
    ...discoveryRoutes,
    ...mcpRoutes,
    ...memoryRoutes,
    ...diagnosticRoutes,
    ...qualityRoutes,
    ...reasoningRoutes,
    ...branchWorkflowRoutes,
    ...coordinationRoutes,
    ...resultRoutes,
    ...lockRoutes,
    ...commitRoutes,
    ...githubRoutes,
    ...graphRoutes,
    ...sandboxRoutes,
    ...agentRoutes,
    ...collaborationRoutes,
    ...runRoutes,
    ...validationRoutes,
    ...pullRequestRoutes,
    ...costRoutes,
    ...budgetRoutes,
    ...billingRoutes,
    ...invoiceRoutes,
    ...paymentRoutes,
    ...reportRoutes,
    ...watchingRoutes,
    ...watchdogRoutes,
    ...anomalyRoutes,
    ...guardianRoutes,
    ...alertRoutes,
    ...eventRoutes,
  ];
}
