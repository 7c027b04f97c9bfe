import { Stage } from './stage.ts';

/** Opens a stage for each row; or one for all of them, which is opened again after a row that failed. */
export class Stages {
  private shared: Stage | undefined;

  /** @param forAll settings of the stage that all rows share; undefined: each row has its own. */
  constructor(private readonly forAll?: Record<string, string>) {}

  async on<T>(env: Record<string, string>, measure: (stage: Stage) => Promise<T>): Promise<T> {
    const stage = this.forAll ? (this.shared ??= await Stage.open(this.forAll)) : await Stage.open(env);
    try {
      const measured = await measure(stage);
      if (stage !== this.shared) await stage.close();
      return measured;
    } catch (error) {
      this.shared = undefined;
      await stage.close().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.shared?.close();
  }
}
