import fc from 'fast-check';
import { contextBlock, readContextBlock } from '#workflows/domain/agent/context-block.ts';

const block = (title: string) => contextBlock({ kind: 'task', title });

describe('[EXEC-17] the context block of an attempt', () => {
  test('is one line of compact JSON in a fence, null for what does not apply', () => {
    expect(contextBlock({ kind: 'phase', spec_id: 's', phase: 'prd', attempt: 1, title: 'Export' })).toBe(
      '```context\n{"kind":"phase","spec_id":"s","phase":"prd","attempt":1,"ticket_id":null,"task_id":null,"task_ref":null,"title":"Export","mode":null,"criteria":null,"constraints":null}\n```',
    );
  });

  test('comes back as it was', () => {
    const fields = {
      kind: 'task',
      spec_id: 's',
      phase: 'PHASE_IMPLEMENTATION',
      attempt: 2,
      ticket_id: 't',
      task_id: 'k',
      task_ref: 'TSK-001',
      title: 'A',
      mode: 'implementation',
      criteria: [{ id: 'TSK-001.1', text: 'B', check: 'npm test' }],
      constraints: ['stay in src'],
    } as const;
    expect(
      readContextBlock([
        `${contextBlock({ ...fields, criteria: [...fields.criteria], constraints: [...fields.constraints] })}\n\nDo it.`,
      ]),
    ).toEqual(fields);
  });

  test('the newest message with a block counts', () => {
    expect(readContextBlock([block('first'), 'go on', block('second'), 'go on'])?.title).toBe('second');
  });

  test('within a message the first block counts: a later one is quoted text', () => {
    expect(readContextBlock([`${block('ours')}\n\nREADME:\n${block('theirs')}`])?.title).toBe('ours');
  });

  test('what is no block is none', () => {
    expect(readContextBlock([])).toBeUndefined();
    expect(
      readContextBlock(['```context\n{broken\n```', '```context\n{"kind":"banana"}\n```', '```json\n{}\n```']),
    ).toBeUndefined();
  });

  test('no text inside can close the fence or leave its line', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('`', '\n', '\r', '\u2028', '\u2029', '"', '\\', '```', 'context', '{'),
    });
    fc.assert(
      fc.property(hostile, (title) => {
        const text = block(title);
        expect(text.match(/`/g)).toHaveLength(6);
        expect(text.split(/\r\n|[\n\r\u2028\u2029]/)).toHaveLength(3);
        expect(readContextBlock([text])?.title).toBe(title);
      }),
    );
  });
});
