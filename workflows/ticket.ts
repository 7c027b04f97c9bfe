import type { TicketInput, TicketResult } from './contracts/work.ts';
import { TicketLoop } from './ticket/loop.ts';

/** The tasks of one ticket, from its branch to its join or its pull request. */
export async function ticketWorkflow(input: TicketInput): Promise<TicketResult> {
  return new TicketLoop(input).untilDone();
}
