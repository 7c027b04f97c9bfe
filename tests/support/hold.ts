/** A point at which code waits until the test releases it. */
export class Hold {
  private arrive: () => void = () => undefined;
  private go: () => void = () => undefined;
  private came = false;
  readonly reached = new Promise<void>((resolve) => (this.arrive = resolve));
  private readonly gone = new Promise<void>((resolve) => (this.go = resolve));

  /** Waits until `release`. Only the first call waits; later calls return at once. */
  async here(): Promise<void> {
    if (this.came) return;
    this.came = true;
    this.arrive();
    await this.gone;
  }

  release(): void {
    this.go();
  }
}
