import { listPullRequests } from '#server/contracts/pull-requests.ts';
import type { Item } from '#server/contracts/client.ts';
import { getSpec } from '#server/contracts/specs.ts';
import { getTicket } from '#server/contracts/tickets.ts';
import type { Client } from './client.ts';
import { FeatureProgress, type Outcome, type Subject } from './feature-progress.ts';
import { paint, Screen } from './screen.ts';

/** The exit code for each outcome of a feature. */
export const exitCodes: Record<Outcome, number> = { pr: 0, failed: 1, person: 3, cancelled: 4 };

interface Finished {
  outcome: Outcome;
  message: string;
  pull_request?: Item<typeof listPullRequests>;
  cost_micros: number;
}

/** Follows one feature by its events and shows its progress; used by the demo and by `feature --wait`. */
export class FeatureWatch {
  private readonly screen = new Screen();
  private readonly progress: FeatureProgress;

  constructor(
    private readonly client: Client,
    private readonly subject: Subject,
    private readonly quiet = false,
  ) {
    this.progress = new FeatureProgress(subject, (line) => this.print(line));
  }

  private print(line: string): void {
    if (!this.quiet) this.screen.line(`${paint('dim', this.progress.elapsed.padStart(7))}  ${line}`);
  }

  /** Watches the events after number `after` until the feature has its outcome. */
  async until(after: number): Promise<Finished> {
    if (!this.quiet) this.screen.live((frame) => this.progress.status(frame));
    let outcome: Outcome | undefined;
    const feed = this.client.events((event) => {
      outcome ??= this.progress.apply(event);
      return outcome !== undefined;
    }, after);
    const interrupted = () => feed.close();
    process.once('SIGINT', interrupted);
    await feed.done;
    process.off('SIGINT', interrupted);
    this.screen.end();
    if (outcome) return this.conclude(outcome);
    const { cost_micros } = this.progress;
    return { outcome: 'cancelled', message: 'No longer watching; the work continues.', cost_micros };
  }

  private async conclude(outcome: Outcome): Promise<Finished> {
    const { cost_micros } = this.progress;
    const { items } = await this.client.call(listPullRequests, { query: this.subject });
    const pull = items[0];
    if (outcome === 'pr' && pull)
      return {
        outcome,
        message: `Pull request #${pull.number} is open on ${pull.branch}: ${pull.url}`,
        pull_request: pull,
        cost_micros,
      };
    const { spec_id: specId, ticket_id: ticketId = '' } = this.subject;
    const record = specId
      ? await this.client.call(getSpec, { params: { id: specId } })
      : await this.client.call(getTicket, { params: { id: ticketId } });
    return { outcome, message: record.last_error ?? record.status, cost_micros };
  }
}
