import { phaseIds } from '#workflows/domain/phases/index.ts';
import { askUser } from './ask-user.ts';
import { bash } from './bash.ts';
import { completeTask } from './complete-task.ts';
import { editFile } from './edit-file.ts';
import { explore } from './explore.ts';
import { listFiles } from './list-files.ts';
import { mcpCall } from './mcp-call.ts';
import { mcpSearch } from './mcp-search.ts';
import { readFile } from './read-file.ts';
import { reportDiscovery } from './report-discovery.ts';
import { requestHandoff } from './request-handoff.ts';
import { searchFiles } from './search-files.ts';
import { sendMessage } from './send-message.ts';
import { submitPhase } from './submit-phase.ts';
import { submitPlan } from './submit-plan.ts';
import { submitReview } from './submit-review.ts';
import type { AgentTool } from './support/tool.ts';
import { todo } from './todo.ts';
import { writeFile } from './write-file.ts';

/**
 * The tools of the agent: the only list of them. To add one, write tools/<tool>.ts with defineTool and add its line
 * here. The tool itself says in which sessions it is offered.
 */
export const agentTools: readonly AgentTool[] = [
  askUser,
  bash,
  completeTask,
  editFile,
  explore,
  listFiles,
  mcpCall,
  mcpSearch,
  readFile,
  reportDiscovery,
  requestHandoff,
  searchFiles,
  sendMessage,
  ...phaseIds.map(submitPhase),
  submitPlan,
  submitReview,
  todo,
  writeFile,
];

export const toolNames: readonly string[] = agentTools.map((tool) => tool.name);
