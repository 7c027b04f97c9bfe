import { factsOf, type ModelSettings } from '#workflows/domain/agent/models.ts';
import type { ModelFacts } from '#workflows/domain/agent/model-facts.ts';
import type { StoredMessage } from '#prisma/store/transcripts.ts';
import { contentTokens } from '../support/content-tokens.ts';

export interface SentMessage {
  role: 'user' | 'assistant';
  content: unknown[];
}

/** An epoch's conversation as it is sent, up to a sequence number. */
export class Conversation {
  readonly messages: SentMessage[] = [];
  last_seq = 0;
  /** Length of the messages as JSON, in characters. `sent` counts those that an earlier request contained. */
  characters = 0;
  sent = 0;
  private readonly turns: number[] = [];

  /** Estimated tokens of the messages. */
  private tokens = 0;

  constructor(
    readonly epoch: number,
    private readonly model: Pick<ModelFacts, 'images'>,
  ) {}

  add(rows: StoredMessage[]): void {
    for (const row of rows) {
      if (row.seq <= this.last_seq) continue;
      this.last_seq = row.seq;
      const content = JSON.parse(row.content) as unknown[];
      // An empty answer has its row, but is left out of requests: the API refuses empty messages.
      if (content.length === 0) continue;
      this.messages.push({ role: row.role, content });
      this.turns.push(row.turn);
      this.characters += row.content.length + 24;
      this.tokens += this.tokensOf(row);
    }
  }

  /** Estimated tokens with a message that is not stored yet. */
  tokensWith(message: StoredMessage | null): number {
    return this.tokens + (message ? this.tokensOf(message) : 0);
  }

  private tokensOf({ content }: StoredMessage): number {
    return contentTokens(content, this.model) + 7;
  }

  /** The stored user messages of a turn: an earlier model call of the turn brought no answer. */
  saidIn(turn: number): SentMessage[] {
    const first = this.turns.indexOf(turn, Math.max(0, this.turns.length - 50));
    return first < 0
      ? []
      : this.messages.filter((message, i) => i >= first && this.turns[i] === turn && message.role === 'user');
  }

  /** Whether a text of a user message begins with `beginning`. */
  hasUserText(beginning: string): boolean {
    return this.messages.some(
      (message) =>
        message.role === 'user' &&
        message.content.some((block) => ((block as { text?: string }).text ?? '').startsWith(beginning)),
    );
  }
}

/**
 * Conversations in memory, so that a turn reads only new rows. Rows are append-only within an epoch, so a conversation
 * in memory is always correct; without it the next read is longer.
 */
export class Conversations {
  private readonly kept = new Map<string, Conversation>();

  constructor(
    private readonly settings: ModelSettings,
    private readonly capacity = 300,
  ) {}

  of(runId: string): Conversation | undefined {
    return this.kept.get(runId);
  }

  /** Adds rows to the known conversation of a run's epoch. */
  extend(
    run: { id: string; epoch: number; model: string },
    known: Conversation | undefined,
    rows: StoredMessage[],
  ): Conversation {
    const conversation =
      known?.epoch === run.epoch ? known : new Conversation(run.epoch, factsOf(run.model, this.settings));
    conversation.add(rows);
    this.kept.delete(run.id);
    this.kept.set(run.id, conversation);
    const [oldest] = this.kept.keys();
    if (this.kept.size > this.capacity && oldest !== undefined) this.kept.delete(oldest);
    return conversation;
  }

  forget(runId: string): void {
    this.kept.delete(runId);
  }
}
