import type { RunKind } from './run.ts';
import { asData } from './untrusted.ts';

/** Messages of the platform to an agent between its turns, written by code. They are sent only when there is news. */
const notices: Record<string, string> = {
  refused:
    "The provider's safety filter stopped your last answer, and no part of it was kept or run. The task is ordinary work on the repository of this project. Take a smaller next step, describe it in neutral terms, and leave out what is not needed for the task.",
  empty_turn: 'Your last turn was empty. Call a tool, or complete_task when the work is done.',
  same_result:
    'You have made the same call with the same result three times. It will not change: try another way, or say what blocks you with ask_user.',
  same_error:
    'You have made the same call and got the same error three times. Read the error, look at the state, and do something else.',
  cycle: 'You repeat the same few calls. Stop, write down what you know with todo, and try another way.',
  limit_turns: 'You have used {share} of your turns. Finish what is started and verify it.',
  limit_cost: 'You have used {share} of your budget. Finish what is started and verify it.',
  limit_time: 'You have used {share} of your time. Finish what is started and verify it.',
  grace:
    'This is your last turn: a limit is reached. Call complete_task now if the work is done and verified; otherwise leave it in a state from which the work can continue.',
  raised: 'A person has raised the limit of this run, so that was not your last turn. Continue with the work.',
  more_room:
    'Your answer was cut at the output limit and no part of it was run. Give it again: the output limit is doubled this once.',
  context_full:
    'Your answer was cut because the conversation filled the context; no part of it was run. Older parts are left out now. Continue with the next step.',
  write_in_parts:
    'Your answer was cut at the output limit and no part of it was run. Write large files in parts: a first part with write_file, the rest with edit_file.',
  sandbox_revived:
    'Your sandbox had to be created again. The files are as they were after your last turn that changed files; background processes have ended.',
  model_switched:
    'Another model continues this run, because the one before refused to answer. Its thinking was left out; everything else is as it was.',
  resumed:
    'The run was paused and continues now. The state may have changed: check it before you rely on what you saw.',
};

/** Notices that a kind of session gets in other words. */
const ofKind: Partial<Record<RunKind, Record<string, string>>> = {
  explore: {
    grace:
      'This is your last turn: a limit is reached. Answer now as text, with the files and lines that you have found, and say what is left open.',
    limit_turns: 'You have used {share} of your turns. Answer soon.',
    limit_cost: 'You have used {share} of your budget. Answer soon.',
    limit_time: 'You have used {share} of your time. Answer soon.',
    empty_turn: 'Your last turn was empty. Call a tool, or write your answer.',
  },
};

/** The notice that names the set-up command that failed. */
export const setupFailed = (command: string): string =>
  `The project's set-up failed in your sandbox, so commands may lack what it installs. See what is there before you rely on one, and say what you could not try.\n${asData('command that failed', command)}`;

/**
 * The text of a notice.
 * @param code a notice of the table above, or the whole text of another one.
 * @param noticeAt share of a limit (0 to 1) at which the agent is warned: `run.notice_at`.
 */
export function noticeText(code: string, noticeAt: number, kind: RunKind): string {
  return `[OmoiOS] ${(ofKind[kind]?.[code] ?? notices[code] ?? code).replace('{share}', `${Math.round(noticeAt * 100)} %`)}`;
}
