import { parseDocument } from 'yaml';
import { play } from '#activities/adapters/model/rehearsal/play.ts';
import type { Block, Message } from '#activities/adapters/model/rehearsal/request.ts';
import { Evidence, sessionsSchema, type Scenario } from '#activities/adapters/model/rehearsal/scenario-schema.ts';
import { contextBlock, type ContextFields } from '#workflows/domain/agent/context-block.ts';

function scenarioOf(sessions: string): Scenario {
  const customTags = [{ tag: '!evidence', resolve: (labels: string) => new Evidence(labels.split(' ')) }];
  return {
    feature: { title: 'A feature', description: 'Do it.' },
    understands: [/^\[OmoiOS\]/],
    sessions: sessionsSchema.parse(parseDocument(sessions, { customTags }).toJS()),
  };
}

/** A conversation that is played turn by turn, each turn from nothing but the messages. */
class Talk {
  messages: Message[];

  constructor(
    private readonly scenario: Scenario,
    context: Partial<ContextFields> = {},
    private readonly tools = ['bash', 'ask_user', 'complete_task'],
  ) {
    this.messages = [
      {
        role: 'user',
        content: [{ type: 'text', text: contextBlock({ kind: 'task', attempt: 1, task_ref: 'TSK-001', ...context }) }],
      },
    ];
  }

  next(): { text: string; calls: Block[] } {
    const request = {
      messages: this.messages,
      tools: this.tools.map((name) => ({ name })),
      metadata: { user_id: 'run:1' },
    };
    const content: Block[] = [...(play([this.scenario], request)?.answer.content ?? [])];
    this.messages = [...this.messages, { role: 'assistant', content }];
    return {
      text: content.flatMap((block) => (block.type === 'text' ? [String(block.text)] : [])).join(),
      calls: content.filter((block) => block.type === 'tool_use'),
    };
  }

  /** Answers every call of the last turn with the same result, then says the words. */
  answer(result: string, ...words: string[]): this {
    const last = this.messages.at(-1)?.content as Block[];
    const results = last
      .filter((block) => block.type === 'tool_use')
      .map((block) => ({ type: 'tool_result', tool_use_id: block.id, content: [{ type: 'text', text: result }] }));
    this.messages = [
      ...this.messages,
      { role: 'user', content: [...results, ...words.map((text) => ({ type: 'text', text }))] },
    ];
    return this;
  }
}

const steps = `
- match: {kind: task, task_ref: TSK-001, attempt: 1}
  steps:
    - say: one
      do: [{bash: {command: test}, as: red}]
      then: [{if: '^exit 0\\b', go: finish}]
      expect: '^exit 1\\b'
    - say: two
      do: [{bash: {command: mend}}]
    - name: finish
      say: finish
      do: [{bash: {command: check}, as: check}]
    - say: done
      do: [{complete_task: {summary: 'Done in attempt {{attempt}}', evidence: !evidence check red}}]
- match: {kind: task, task_ref: TSK-001}
  steps:
    - {say: further, do: [{bash: {command: look}}]}
`;

test('steps follow one another; a result can lead elsewhere', () => {
  const talk = new Talk(scenarioOf(steps));
  expect(talk.next().text).toBe('one');
  expect(talk.answer('exit 1 · 0.1 s').next().text).toBe('two');
  expect(talk.answer('exit 0').next().text).toBe('finish');
  const already = new Talk(scenarioOf(steps));
  already.next();
  expect(already.answer('exit 0 · 0.1 s').next().text).toBe('finish');
});

test('what the script knows no way on from is asked, and the step is played again', () => {
  const talk = new Talk(scenarioOf(steps));
  talk.next();
  const asked = talk.answer('exit 127 · 0.1 s\nnode: command not found').next();
  expect(asked.calls).toMatchObject([
    {
      name: 'ask_user',
      input: { question: expect.stringMatching(/\/\^exit 1\\b\/[\s\S]*command not found/) as string },
    },
  ]);
  expect(talk.answer('Answer from Ada: mended').next().text).toBe('one');
});

test('where no person can be asked, the text stays', () => {
  const talk = new Talk(scenarioOf(steps), {}, ['bash', 'complete_task']);
  talk.next();
  expect(talk.answer('exit 127').next()).toEqual({ text: 'This is not what my script expects, so I ask.', calls: [] });
});

test.each([
  'Not run: an interrupt came first',
  'Interrupted before the command was started.',
  'The result of this call was lost. Look at the state.',
])('a step whose call did not run is taken again: %s', (result) => {
  const talk = new Talk(scenarioOf(steps));
  talk.next();
  expect(talk.answer(result).next().text).toBe('one');
});

test('past the end it goes back to finish: a claim was refused', () => {
  const talk = new Talk(scenarioOf(steps));
  for (const result of ['exit 1', 'exit 0', 'exit 0']) {
    talk.next();
    talk.answer(result);
  }
  expect(talk.next().text).toBe('done');
  expect(talk.answer('Not accepted. What is missing: ...').next().text).toBe('finish');
  expect(talk.answer('exit 0').next().text).toBe('done');
});

test('evidence names what really ran: the newest call, one for each criterion', () => {
  const criteria = [
    { id: 'C1', text: 'a' },
    { id: 'C2', text: 'b' },
  ];
  const talk = new Talk(scenarioOf(steps), { criteria });
  talk.next();
  talk.answer('exit 1 · 0.1 s\nnot ok').next();
  talk.answer('exit 0').next();
  const { calls } = talk.answer('exit 3 · 0.1 s · cwd .\n# fail 2').next();
  expect(calls[0]?.input).toEqual({
    summary: 'Done in attempt 1',
    evidence: [{ criterion_id: 'C1', command: 'check' }, { criterion_id: 'C2', command: 'check' }, { command: 'test' }],
  });
});

test('evidence of a command with many lines names its call', () => {
  const probe = steps.replaceAll('{command: check}', '{command: "node - <<END\\n1\\nEND"}');
  const talk = new Talk(scenarioOf(probe));
  talk.next();
  const { calls: ran } = talk.answer('exit 0').next();
  expect(ran[0]?.id).toMatch(/^toolu_/);
  expect(talk.answer('exit 0').next().calls[0]?.input).toMatchObject({
    evidence: [{ tool_use_id: expect.stringMatching(/^toolu_\w+_2_check$/) as string }, { command: 'test' }],
  });
});

test('an iteration continues where the one before it stopped, with its criteria; a new attempt begins its own session', () => {
  const talk = new Talk(scenarioOf(steps), { criteria: [{ id: 'C1', text: 'a' }] });
  talk.next();
  const block = (attempt: number) => contextBlock({ kind: 'task', attempt, task_ref: 'TSK-001' });
  expect(talk.answer('exit 1', `${block(1)}\n\nIteration 1 ended.`).next().text).toBe('two');
  talk.answer('exit 0').next();
  expect(talk.answer('exit 0').next().calls[0]?.input).toMatchObject({ evidence: [{ criterion_id: 'C1' }, {}] });
  expect(talk.answer('refused', `${block(2)}\n\nOnce more.`).next().text).toBe('further');
});

const drift = `
- match: {kind: task}
  steps:
    - say: begin
      do: [{bash: {command: a}}]
    - repeat:
        until: GUARDIAN
        turns:
          - {say: left, do: [{bash: {command: l}}]}
          - {say: right, do: [{bash: {command: r}}]}
    - say: end
      do: [{bash: {command: e}}]
`;

test('a repeated step takes its turns in turn until the platform says the word, never because a command does', () => {
  const talk = new Talk(scenarioOf(drift));
  const said = [talk.next().text, ...Array.from({ length: 5 }, () => talk.answer('GUARDIAN, says a file').next().text)];
  expect(said).toEqual(['begin', 'left', 'right', 'left', 'right', 'left']);
  expect(talk.answer('ok', '[GUARDIAN INTERVENTION - refocus] Stop that.').next().text).toBe('end');
});

test('the word may come before the step, and as a system message', () => {
  const talk = new Talk(scenarioOf(drift));
  talk.next();
  talk.answer('ok');
  talk.messages = [...talk.messages, { role: 'system', content: '[GUARDIAN INTERVENTION - stop] No.' }];
  expect(talk.next().text).toBe('end');
});

test('words that are no part of the script are acknowledged once', () => {
  const talk = new Talk(scenarioOf(drift));
  talk.next();
  expect(talk.answer('ok', '[Message from Ada]\nUse tabs.').next().text).toBe(
    'rehearsal model: I am scripted and cannot follow that. I continue with my script.\n\nleft',
  );
  expect(talk.answer('ok').next().text).toBe('right');
  expect(talk.answer('ok', '[OmoiOS] You have used 80 % of your turns.').next().text).toBe('left');
});

test('ids of calls are unique for ever, and the same request is answered with the same ids', () => {
  const talk = new Talk(scenarioOf(drift));
  const ids = new Set<unknown>();
  for (let turn = 0; turn < 12; turn += 1) {
    const before = talk.messages;
    const [first] = talk.next().calls;
    talk.messages = before;
    const [again] = talk.next().calls;
    expect(again).toEqual(first);
    expect(first?.id).toMatch(/^toolu_[a-zA-Z0-9_-]+$/);
    ids.add(first?.id);
    talk.answer('the same');
  }
  expect(ids.size).toBe(12);
});

test('a conversation cut down to its newest turns continues at the same place', () => {
  const talk = new Talk(scenarioOf(steps));
  talk.next();
  talk.answer('exit 1').next();
  talk.answer('exit 0').next();
  talk.answer('exit 0');
  talk.messages = [talk.messages[0] as Message, ...talk.messages.slice(-2)];
  expect(talk.next().text).toBe('done');
});
