/** Lets one caller work at a time, in the order in which they came: a caller that comes later never passes one that waits. */
export class Turns {
  private readonly waiting: (() => void)[] = [];
  private working = false;

  get taken(): boolean {
    return this.working;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.working) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.working = true;
    try {
      return await work();
    } finally {
      // The turn goes to the next caller at once, so that none that comes now is before it.
      const next = this.waiting.shift();
      if (next) next();
      else this.working = false;
    }
  }
}
