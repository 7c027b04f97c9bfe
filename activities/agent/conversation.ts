import type { Store } from '../ports/store.ts';

export interface Message {
  role: 'user' | 'assistant';
  content: unknown[];
}

interface Kept {
  epoch: number;
  last_seq: number;
  messages: Message[];
  /** Length of the messages as JSON, in characters. */
  size: number;
}

/**
 * Conversations as they are sent, kept in memory so that a turn reads only what is new. Rows are append-only within
 * an epoch, so what is kept never goes stale; losing it costs one longer read.
 */
export class Conversations {
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly store: Store,
    private readonly capacity = 300,
  ) {}

  /** The messages of an epoch up to `lastSeq`, and how many characters of them an earlier request held already. */
  async load(runId: string, epoch: number, lastSeq: number): Promise<{ messages: Message[]; characters: number; shared: number }> {
    let kept = this.kept.get(runId);
    if (!kept || kept.epoch !== epoch || kept.last_seq > lastSeq) kept = { epoch, last_seq: 0, messages: [], size: 0 };
    const shared = kept.size;
    if (kept.last_seq < lastSeq) {
      for (const row of await this.store.turns.conversation(runId, epoch, kept.last_seq)) {
        if (row.seq > lastSeq) break;
        kept.last_seq = row.seq;
        const content = JSON.parse(row.content) as unknown[];
        // An answer that held nothing has its row, but no place in a request: the API refuses empty messages.
        if (content.length === 0) continue;
        kept.messages.push({ role: row.role, content });
        kept.size += row.content.length + 24;
      }
    }
    this.kept.delete(runId);
    this.kept.set(runId, kept);
    if (this.kept.size > this.capacity) this.kept.delete(this.kept.keys().next().value as string);
    return { messages: [...kept.messages], characters: kept.size, shared };
  }

  /** Whether somebody has told the agent a text, beginning with these words, in an epoch. */
  async hasUserText(runId: string, epoch: number, beginning: string): Promise<boolean> {
    const { messages } = await this.load(runId, epoch, Number.MAX_SAFE_INTEGER);
    return messages.some((message) => message.role === 'user' && message.content.some((block) => ((block as { text?: string }).text ?? '').startsWith(beginning)));
  }

  forget(runId: string): void {
    this.kept.delete(runId);
  }
}
