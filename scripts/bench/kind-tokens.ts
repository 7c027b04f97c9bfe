/** Tokens of the sessions of one kind on one model, estimated at 3.5 characters a token. */
export interface KindTokens {
  kind: string;
  model: string;
  sessions: number;
  requests: number;
  input: number;
  /** The part of the input that an earlier request had begun with. */
  cached: number;
  output: number;
}

/** Counts by kind of session and model. */
export class KindCounts {
  private readonly counted = new Map<string, KindTokens>();

  /** The counts of a kind of session with a model, to be added to; zero at first. */
  of(kind: string, model: string): KindTokens {
    const key = `${kind} ${model}`;
    const known = this.counted.get(key);
    if (known) return known;
    const entry = { kind, model, sessions: 0, requests: 0, input: 0, cached: 0, output: 0 };
    this.counted.set(key, entry);
    return entry;
  }

  sorted(): KindTokens[] {
    return [...this.counted.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1));
  }
}
