import { estimateTokens } from '#workflows/domain/billing/prices.ts';

/** Tokens that a model writes in a second. Fast models write more, so an estimate by it is no upper limit. */
const tokensPerSecond = 50;

/**
 * Estimates the thinking of an answer that broke off. A provider bills thinking that it does not show, and reports its
 * tokens only with the end of the answer, so the time that it took is all that is known of it.
 */
export class LostThinking {
  private seconds = 0;
  private since: number | undefined;
  private shown = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  begin(): void {
    this.since ??= this.now();
  }

  end(): void {
    this.seconds = this.elapsed();
    this.since = undefined;
  }

  private elapsed(): number {
    return this.seconds + (this.since === undefined ? 0 : (this.now() - this.since) / 1000);
  }

  /** A text of the thinking that was shown: all of it, or its summary. */
  show(text: string): void {
    this.shown += text.length;
  }

  tokens(): number {
    return Math.max(Math.round(this.elapsed() * tokensPerSecond), estimateTokens(this.shown));
  }
}
