/**
 * Why the commands of a model may not run here, with the remedy; undefined where they may. Without isolation only the
 * scripted rehearsal may run commands, unless the operator has accepted the risk.
 */
export const isolationProblem = (facts: { isolated: boolean; scripted: boolean; unsafe: boolean }) =>
  facts.isolated || facts.scripted || facts.unsafe
    ? undefined
    : 'Commands of a real model need isolation, and bubblewrap does not work here. Install it (apt-get install bubblewrap), or accept the risk with SANDBOX_UNSAFE=1.';
