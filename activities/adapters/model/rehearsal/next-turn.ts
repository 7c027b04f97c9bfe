import { callId, type ScriptedConversation, type MadeCall } from './conversation.ts';
import { fillIn, fillText } from './fill-in.ts';
import type { Scenario, Session, Step, ScriptTurn } from './scenario-schema.ts';
import { cutEnd } from '#workflows/domain/text.ts';

export interface ModelTurn {
  text: string;
  calls: { id: string; name: string; input: Record<string, unknown> }[];
}

const notUnderstood = 'rehearsal model: I am scripted and cannot follow that. I continue with my script.';

/**
 * Label of the question to a person that replaces a step when the script does not expect its results. A scenario cannot
 * use this label.
 */
const question = 'ask_person';

/** Results without information about the step: it was interrupted, or its sandbox was lost. The step is repeated. */
const notRun = /^(Not run|Interrupted|The outcome is unknown|The sandbox was lost|The result of this call was lost)\b/;

/**
 * The next turn of an agent's session. It follows from the conversation alone.
 * @param digest identifies the request; the ids of the calls are made from it.
 */
export function nextTurn(
  { understands }: Pick<Scenario, 'understands'>,
  session: Session,
  conversation: ScriptedConversation,
  digest: string,
): ModelTurn {
  const { steps } = session;
  const at = nextStep(steps, conversation);
  const waited = steps.flatMap((step) => (step.until ? [step.until] : []));
  const foreign = conversation.news.some((text) => ![...understands, ...waited].some((known) => known.test(text)));
  const turn = at.unexpected ? askPerson(at.unexpected, at.calls) : turnOf(at.step, at.index, conversation);
  return {
    text: [...(foreign ? [notUnderstood] : []), fillText(turn.say, conversation)].join('\n\n'),
    calls: turn.do.map(({ tool, input, label }, index) => ({
      id: callId(digest, at.index, label ?? `call-${index}`),
      name: tool,
      input: fillIn(input, conversation) as Record<string, unknown>,
    })),
  };
}

interface Position {
  index: number;
  step: Step;
  /** Set when the script does not expect the results of the step: the pattern that it expected. */
  unexpected?: RegExp;
  calls: MadeCall[];
}

function nextStep(steps: readonly Step[], conversation: ScriptedConversation): Position {
  const calls = conversation.turns.at(-1) ?? [];
  const last = calls[0];
  const stay = last && steps[last.step];
  if (!last || !stay) return enter(steps, 0, conversation);

  const results = calls.map((call) => call.result).join('\n');
  if (last.label === question || calls.some((call) => notRun.test(call.result)))
    return { index: last.step, step: stay, calls };
  if (stay.until && !isSaid(stay.until, conversation)) return { index: last.step, step: stay, calls };
  const branch = stay.then.find((one) => !one.if || one.if.test(results));
  if (branch)
    return enter(
      steps,
      steps.findIndex((step) => step.name === branch.go),
      conversation,
    );
  if (stay.expect && !stay.expect.test(results))
    return { index: last.step, step: stay, unexpected: stay.expect, calls };
  return enter(steps, last.step + 1, conversation);
}

/**
 * The step at `from`, or the first one after it that is not over yet. Past the end: the step named finish, else the
 * last one.
 */
function enter(steps: readonly Step[], from: number, conversation: ScriptedConversation): Position {
  const open = steps.findIndex((step, index) => index >= from && !(step.until && isSaid(step.until, conversation)));
  const finish = steps.findIndex((step) => step.name === 'finish');
  const index = open >= 0 ? open : finish >= 0 ? finish : steps.length - 1;
  return { index, step: steps[index] as Step, calls: [] };
}

function isSaid(pattern: RegExp, { texts }: ScriptedConversation): boolean {
  return texts.some((text) => pattern.test(text));
}

function turnOf(step: Step, index: number, { turns }: ScriptedConversation): ScriptTurn {
  const before = turns.filter((calls) => calls[0]?.step === index).length;
  return step.turns[before % step.turns.length] as ScriptTurn;
}

function askPerson(expected: RegExp, calls: readonly MadeCall[]): ScriptTurn {
  const [end] = calls.map((call) => call.result).slice(-1);
  const asked = `rehearsal model: my script expects a result like /${expected.source}/ here, but this came instead. Fix it and answer; then I try again.\n\n${cutEnd(end ?? '', 1200)}`;
  return {
    say: 'This is not what my script expects, so I ask.',
    do: [{ tool: 'ask_user', input: { question: asked }, label: question }],
  };
}
