import type { StreamEvent } from '../strict/stream.ts';
import { held, pieces } from '../strict/stream.ts';
import type { OutputItem } from './answer.ts';

export interface AnsweredResponse {
  id: string;
  model: string;
  output: readonly OutputItem[];
  incomplete: string | null;
  usage: object;
}

/** The response as one JSON, as it is sent without a stream. */
export const wholeResponse = ({ id, model, output, incomplete, usage }: AnsweredResponse): object => ({
  id,
  object: 'response',
  model,
  status: incomplete ? 'incomplete' : 'completed',
  error: null,
  incomplete_details: incomplete ? { reason: incomplete } : null,
  output,
  store: false,
  usage,
});

/** A response as the events of a stream, in the order of the Responses API. */
export function* responseEvents(response: AnsweredResponse): Generator<StreamEvent> {
  let sequence_number = 0;
  const numbered = (type: string, fields: object): StreamEvent => ({
    type,
    sequence_number: sequence_number++,
    ...fields,
  });
  const begun = {
    ...wholeResponse(response),
    status: 'in_progress',
    incomplete_details: null,
    output: [],
    usage: null,
  };
  yield numbered('response.created', { response: begun });
  yield numbered('response.in_progress', { response: begun });
  for (const [output_index, item] of response.output.entries()) {
    yield numbered('response.output_item.added', { output_index, item: emptied(item) });
    if (item.type === 'function_call') yield held;
    for (const [type, fields] of deltas(item)) yield numbered(type, { item_id: item.id, output_index, ...fields });
    yield numbered('response.output_item.done', { output_index, item });
  }
  yield numbered(response.incomplete ? 'response.incomplete' : 'response.completed', {
    response: wholeResponse(response),
  });
}

function emptied(item: OutputItem): object {
  if (item.type === 'function_call') return { ...item, arguments: '', status: 'in_progress' };
  if (item.type === 'message') return { ...item, content: [], status: 'in_progress' };
  const { encrypted_content: _, ...rest } = item;
  return { ...rest, summary: [] };
}

function deltas(item: OutputItem): [string, object][] {
  if (item.type === 'function_call')
    return [
      ...pieces(item.arguments).map((delta): [string, object] => ['response.function_call_arguments.delta', { delta }]),
      ['response.function_call_arguments.done', { name: item.name, arguments: item.arguments }],
    ];
  if (item.type === 'reasoning')
    return item.summary.flatMap(({ text }, summary_index) => [
      ...pieces(text).map((delta): [string, object] => [
        'response.reasoning_summary_text.delta',
        { summary_index, delta },
      ]),
      ['response.reasoning_summary_text.done', { summary_index, text }] as [string, object],
    ]);
  return item.content.flatMap((part, content_index): [string, object][] => {
    const text = part.type === 'output_text' ? part.text : part.refusal;
    const kind = part.type === 'output_text' ? 'output_text' : 'refusal';
    return [
      [
        'response.content_part.added',
        { content_index, part: { ...part, [part.type === 'output_text' ? 'text' : 'refusal']: '' } },
      ],
      ...pieces(text).map((delta): [string, object] => [
        `response.${kind}.delta`,
        { content_index, delta, ...(kind === 'output_text' ? { logprobs: [] } : {}) },
      ]),
      ['response.content_part.done', { content_index, part }],
    ];
  });
}
