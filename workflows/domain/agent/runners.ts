/** What carries on the runs of tasks: the platform's own loop, or the Claude Agent SDK inside the sandbox. */
export const runners = ['loop', 'claude-agent-sdk'] as const;
/** The same, and a registered agent that runs elsewhere: nobody chooses it, a task is given to it. */
export const allRunners = [...runners, 'elsewhere'] as const;
export type Runner = (typeof allRunners)[number];
/** What a project or the operator chooses. */
export type ChosenRunner = (typeof runners)[number];

/** The tools of the SDK that an agent is offered, and the platform's own beside them. */
const programTools = ['Bash', 'Read', 'Edit', 'Write', 'Glob', 'Grep', 'TodoWrite', 'Task'];
const platformTools = ['mcp__omoios__complete_task'];

/** The tools as the record of a run lists them. */
export const listedTools = (): string =>
  JSON.stringify([...programTools, ...platformTools].sort().map((name) => ({ name })));

/** EXEC-16. The agents that the agent may call. */
const subagents = {
  'code-reviewer': {
    description: 'Reviews a change for defects.',
    tools: ['Read', 'Grep', 'Glob'],
    prompt:
      'You review code. Report only what matters: in a changed line, with a way to reach it and what goes wrong then. Name file and line. You change nothing.',
  },
  architect: {
    description: 'Answers how parts of the code work together, and where a change belongs.',
    tools: ['Read', 'Grep', 'Glob'],
    prompt:
      'You explain the structure of a code base and where a change belongs. Every statement names a file and line that you have read. You change nothing.',
  },
  'test-runner': {
    description: 'Runs tests and says what fails, and why.',
    tools: ['Bash', 'Read'],
    prompt:
      'You run the tests that you are asked for, and report each failure with its cause and the line. You change no file.',
  },
  debugger: {
    description: 'Finds the cause of a failure and fixes it.',
    tools: ['Read', 'Bash', 'Edit', 'Grep'],
    prompt:
      'You find the cause of a failure before you change anything, then make the smallest fix, and show by a command that it works.',
  },
};

/** Options of the SDK's query that follow from the run. */
export const programOptions = ({ model, system_prompt }: { model: string; system_prompt: string }) => ({
  model,
  systemPrompt: system_prompt,
  tools: programTools,
  agents: subagents,
  settings: { includeCoAuthoredBy: false },
});

/** Description of the tool complete_task in the sandbox. */
export const completeTaskText =
  "Claim that the work is done. summary: what you changed and why, for the reviewer. evidence: for each criterion a command that shows it and exits with 0. The platform runs these commands itself, then the project's check in a clean checkout, and only that counts. Your turn ends with the claim.";
