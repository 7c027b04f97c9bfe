import { continueAsNew } from '@temporalio/workflow';
import {
  issueChangedSignal,
  pushedSignal,
  repositoryChangedSignal,
  type RepositoryInput,
} from './contracts/repository.ts';
import { work } from './support/activities.ts';
import { stepFailure, wasCancelled } from './support/failure.ts';
import { SignalHandlers } from './support/handlers.ts';
import { historyIsLong } from './support/history.ts';
import { ProgressReport } from './support/progress.ts';

/** Takes over what happens in a project's repository at its code host, until nothing more has happened. */
export async function repositoryWorkflow({ told, ...project }: RepositoryInput): Promise<void> {
  const progress = new ProgressReport('reading the repository');
  const signals = new SignalHandlers(project);
  let changed = told?.changed ?? false;
  let pushed = told?.pushed ?? false;
  /** Each once, however often it is told. */
  const issues = new Set(told?.issues ?? []);
  /** Why steps failed, by their names. */
  const failed = new Map<string, string>();
  signals.handle(repositoryChangedSignal, () => {
    changed = true;
  });
  signals.handle(pushedSignal, () => {
    pushed = true;
  });
  signals.handle(issueChangedSignal, ({ number }) => {
    issues.add(number);
  });
  signals.ignoreRest();

  while (changed || pushed || issues.size > 0) {
    if (historyIsLong())
      await continueAsNew<typeof repositoryWorkflow>({ ...project, told: { changed, pushed, issues: [...issues] } });
    // First the repository itself: the rest is read at the address that it has now.
    await (changed ? readRepository() : pushed ? readPushed() : readIssue());
    if (signals.someIgnored) await signals.recordIgnored();
  }
  const [reason] = failed.values();
  progress.set(reason ? 'failed' : 'completed', reason ?? 'all is read');

  async function readRepository(): Promise<void> {
    changed = false;
    await step('reading how the repository is at its code host', () => work.readRepository(project));
  }

  async function readPushed(): Promise<void> {
    pushed = false;
    await step('linking new commits to their tickets', () => work.readPushed(project));
  }

  async function readIssue(): Promise<void> {
    const [number = 0] = issues;
    issues.delete(number);
    await step(`reading issue #${number}`, () => work.readIssue({ ...project, number }));
  }

  async function step(name: string, take: () => Promise<void>): Promise<void> {
    progress.set('running', name);
    try {
      await take();
      failed.delete(name);
    } catch (error) {
      if (wasCancelled(error)) throw error;
      failed.set(name, stepFailure(error));
    }
  }
}
