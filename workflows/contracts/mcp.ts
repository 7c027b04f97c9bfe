/** Input of `mcpCallWorkflow`. Parameters and answers stay in the row of the call, so no history holds them. */
export interface McpCallInput {
  organization_id: string;
  invocation_id: string;
}
