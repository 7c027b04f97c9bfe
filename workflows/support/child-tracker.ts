import { failureOf, wasCancelled } from './failure.ts';

/** The child workflows of a ticket or a spec: which have started, wait for a person, are broken, or have ended. */
export class ChildTracker<R> {
  readonly started = new Set<string>();
  /** Children that have failed and wait for a person, and why. */
  readonly stuck = new Map<string, string>();
  /** Children whose workflow ended without a result, and why: they are started again when a person asks for it. */
  readonly broken = new Map<string, string>();
  /** Results that the loop has not processed yet, in the order of arrival. */
  readonly finished: R[] = [];

  /**
   * Starts a child and does not wait for it: its result comes to `finished`, its failure to `broken`.
   * @param onBroken runs before the child counts as broken.
   */
  start(
    node: { id: string; title: string },
    child: () => Promise<R>,
    onBroken?: (message: string) => void | Promise<void>,
  ) {
    this.started.add(node.id);
    void this.runChild(node, child, onBroken);
  }

  private async runChild(
    node: { id: string; title: string },
    child: () => Promise<R>,
    onBroken?: (message: string) => void | Promise<void>,
  ): Promise<void> {
    try {
      this.finished.push(await child());
    } catch (error) {
      if (wasCancelled(error)) return;
      const message = `${node.title}: its workflow ended without a result (${failureOf(error).message}).`;
      if (onBroken) await onBroken(message);
      this.broken.set(node.id, message);
    }
  }

  /** Forgets how a child ended, so that it can start again. */
  forget(id: string): void {
    this.stuck.delete(id);
    this.started.delete(id);
  }
}
