/**
 * Every call of the REST interface that the system was first described with, under /api/v1; {} stands for a value. Each is
 * offered under its name, or docs/rest.md says what to use instead.
 */
export const describedCalls: readonly string[] = `
POST /auth/register /auth/login /auth/refresh /auth/resend-verification /auth/verify-email /auth/forgot-password /auth/reset-password /auth/logout /auth/change-password /auth/api-keys /auth/waitlist/{}/approve /auth/waitlist/approve-all /auth/oauth/{}/connect
GET /auth/me /auth/api-keys /auth/waitlist /auth/oauth/providers /auth/oauth/{} /auth/oauth/{}/url /auth/oauth/{}/callback /auth/oauth/{}/redirect-uri /auth/oauth/connected
PATCH /auth/me
DELETE /auth/api-keys/{} /auth/oauth/{}/disconnect
GET /onboarding/status /onboarding/detect
POST /onboarding/step /onboarding/complete /onboarding/sync /onboarding/reset /onboarding/admin/reset/{}
POST /organizations /organizations/{}/members /organizations/{}/roles
GET /organizations /organizations/{} /organizations/{}/members /organizations/{}/roles
PATCH /organizations/{} /organizations/{}/members/{} /organizations/{}/roles/{}
DELETE /organizations/{} /organizations/{}/members/{} /organizations/{}/roles/{}
GET /billing/config /billing/promo-codes /billing/invoices/{} /billing/account/{} /billing/account/{}/payment-methods /billing/account/{}/subscription /billing/account/{}/invoices /billing/account/{}/stripe-invoices /billing/account/{}/usage /billing/account/{}/usage-summary /billing/account/{}/costs /billing/account/{}/costs/summary
POST /billing/webhooks/stripe /billing/promo-codes/validate /billing/promo-codes /billing/invoices/{}/pay /billing/account/{}/payment-method /billing/account/{}/credits/checkout /billing/account/{}/subscription/checkout /billing/account/{}/subscription/cancel /billing/account/{}/subscription/reactivate /billing/account/{}/lifetime/checkout /billing/account/{}/portal /billing/account/{}/promo-codes/redeem /billing/account/{}/invoices/generate /billing/account/{}/check-execution /billing/account/{}/setup-intent /billing/account/{}/subscription/upgrade /billing/account/{}/subscription/downgrade /billing/account/{}/subscription/pause /billing/account/{}/subscription/resume
DELETE /billing/promo-codes/{} /billing/account/{}/payment-methods/{}
GET /costs/records /costs/summary /costs/budgets /costs/budgets/check
POST /costs/budgets /costs/forecast
POST /projects
GET /projects /projects/{} /projects/{}/stats
PATCH /projects/{}
DELETE /projects/{}
GET /specs/project/{} /specs/{} /specs/{}/linked-tickets /specs/{}/events /specs/{}/export /specs/{}/tasks /specs/{}/versions /specs/{}/phase-data /specs/{}/execution-status /specs/{}/criteria-status
POST /specs /specs/launch /specs/{}/execute /specs/{}/execute-tasks /specs/{}/create-branch /specs/{}/create-pr /specs/{}/link-tickets /specs/{}/unlink-tickets /specs/{}/requirements /specs/{}/requirements/{}/criteria /specs/{}/tasks /specs/{}/approve-requirements /specs/{}/approve-design /specs/{}/sync
PATCH /specs/{} /specs/{}/requirements/{} /specs/{}/criteria/{} /specs/{}/tasks/{}
DELETE /specs/{} /specs/{}/requirements/{} /specs/{}/criteria/{} /specs/{}/tasks/{}
PUT /specs/{}/design
GET /public/showcase/{}
POST /public/specs/{}/share
DELETE /public/specs/{}/share
GET /explore/project/{}/conversations /explore/project/{}/conversations/{} /explore/project/{}/files /explore/project/{}/suggestions
POST /explore/project/{}/conversations /explore/project/{}/conversations/{}/messages
DELETE /explore/project/{}/conversations/{}
GET /tickets /tickets/list /tickets/{} /tickets/{}/context /tickets/pending-review-count /tickets/approval-status /tickets/{}/gate-status /tickets/{}/can-transition/{}
POST /tickets /tickets/check-duplicates /tickets/{}/update-context /tickets/{}/transition /tickets/{}/block /tickets/{}/unblock /tickets/{}/regress /tickets/{}/progress /tickets/{}/check-phase-completion /tickets/{}/spawn-phase-tasks /tickets/detect-blocking /tickets/approve /tickets/reject /tickets/{}/validate-gate /tickets/{}/artifacts /tickets/{}/phase-transition /tickets/{}/check-advance /tickets/{}/fast-track /tickets/{}/complete
PATCH /tickets/{}
GET /configs /configs/{}
GET /tasks /tasks/{} /tasks/{}/dependencies /tasks/{}/timeout-status /tasks/timed-out /tasks/cancellable /tasks/{}/results
POST /tasks /tasks/{}/dependencies /tasks/{}/check-circular /tasks/{}/cancel /tasks/{}/fail /tasks/{}/set-timeout /tasks/{}/generate-title /tasks/{}/register-conversation /tasks/cleanup-timed-out /tasks/generate-titles
PATCH /tasks/{}
PUT /tasks/{}/dependencies
DELETE /tasks/{}/dependencies/{}
GET /board/view /board/stats /board/wip-violations /board/column/{}
POST /board/move /board/auto-transition/{}
GET /graph/dependency-graph/ticket/{} /graph/dependency-graph/project/{} /graph/dependency-graph/task/{}/blocked /graph/dependency-graph/task/{}/blocking
POST /report_results
POST /submit_result
POST /submit_result_validation
GET /workflows/{}/results
POST /validation/give_review /validation/spawn_validator /validation/send_feedback
GET /validation/status
POST /agents/register /agents/{}/availability /agents/{}/heartbeat /agents/cleanup-stale
GET /agents /agents/{} /agents/search /agents/best-fit /agents/health /agents/statistics /agents/stale /agents/{}/health
PATCH /agents/{}
POST /agent-events
POST /sandboxes/{}/events /sandboxes/{}/messages /sandboxes/{}/task-complete /sandboxes/{}/validation-result /sandboxes/admin/clear-tracked-sandboxes
GET /sandboxes/{}/events /sandboxes/{}/messages /sandboxes/{}/trajectory /sandboxes/{}/task /sandboxes/{}/phase-status /sandboxes/health /sandboxes/monitoring/status
POST /preview /preview/notify
GET /preview/{} /preview/sandbox/{}
DELETE /preview/{}
POST /prototype/session /prototype/session/{}/prompt /prototype/session/{}/export
GET /prototype/session/{}
DELETE /prototype/session/{}
POST /collaboration/threads /collaboration/threads/{}/close /collaboration/messages /collaboration/messages/{}/read /collaboration/handoff/request /collaboration/handoff/{}/accept /collaboration/handoff/{}/decline
GET /collaboration/threads /collaboration/threads/{}/messages
POST /guardian/intervention/cancel-task /guardian/intervention/reallocate /guardian/intervention/override-priority /guardian/actions/{}/revert
GET /guardian/actions /guardian/actions/{}
GET /watchdog/monitor-status /watchdog/remediation-history /watchdog/policies
POST /watchdog/execute-remediation
GET /diagnostic/stuck-workflows /diagnostic/runs /diagnostic/runs/{}
POST /diagnostic/trigger/{}
GET /monitor/metrics /monitor/anomalies /monitor/dashboard /monitor/intelligent/status /monitor/intelligent/health
POST /monitor/anomalies/{}/acknowledge /monitor/intelligent/analyze/{} /monitor/intelligent/emergency
GET /alerts /alerts/{} /alerts/rules
POST /alerts/{}/acknowledge /alerts/{}/resolve
POST /memory/store /memory/search /memory/complete-task /memory/patterns/extract /memory/patterns/{}/feedback
GET /memory/tasks/{}/context /memory/patterns
POST /quality/metrics/record /quality/predict /quality/gates/{}/evaluate
GET /quality/metrics/{} /quality/trends
GET /reasoning/{}/{} /reasoning/events/{} /reasoning/types
POST /reasoning/{}/{}/events
DELETE /reasoning/events/{}
POST /github/connect /github/webhooks/github /github/sync /github/repos /github/check-availability /github/repos/{}/{}/branches /github/repos/{}/{}/pulls
GET /github/connected /github/connection-status /github/repos /github/owners /github/repos/{}/{} /github/repos/{}/{}/branches /github/repos/{}/{}/contents/{} /github/repos/{}/{}/directory /github/repos/{}/{}/tree /github/repos/{}/{}/commits /github/repos/{}/{}/pulls
DELETE /github/disconnect /github/admin/disconnect/{} /github/admin/disconnect-all
PUT /github/repos/{}/{}/contents/{}
POST /branch-workflow/start /branch-workflow/finish /branch-workflow/merge /branch-workflow/status
GET /commits/{} /commits/{}/diff /commits/ticket/{} /commits/agent/{}
POST /commits/ticket/{}/link
POST /mcp/register /mcp/invoke /mcp/policies/grant
GET /mcp/tools /mcp/tools/{}/{} /mcp/servers /mcp/policies/{} /mcp/circuit-breakers
DELETE /mcp/policies/{}/{}/{}
GET /debug/tasks/stats /debug/tasks/pending /debug/tasks/running/{} /debug/agents/{}/stats /debug/tickets/{}/phase-gate-status /debug/tasks-by-phase /debug/event-bus/status /debug/phase-progression/status /debug/initial-tasks /debug/health
POST /debug/test-publish
`
  .trim()
  .split('\n')
  .flatMap((line) => {
    const [method, ...paths] = line.split(' ');
    return paths.map((path) => `${method} ${path}`);
  });
