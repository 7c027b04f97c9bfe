/** A point where something waits until the test lets it go. */
export class Hold {
  private arrive: () => void = () => undefined;
  private go: () => void = () => undefined;
  private came = false;
  readonly reached = new Promise<void>((resolve) => (this.arrive = resolve));
  private readonly gone = new Promise<void>((resolve) => (this.go = resolve));

  /** Waits there; only the first who comes does. */
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
