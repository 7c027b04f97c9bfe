import type { Tool } from '../tool.ts';
import { agentTools } from './agents.ts';
import { specTools } from './specs.ts';
import { taskTools } from './tasks.ts';
import { ticketTools } from './tickets.ts';

/** MCP-09: every tool of `/mcp`, in the order in which it lists them. */
export const tools: readonly Tool[] = [...ticketTools, ...taskTools, ...agentTools, ...specTools];
