import { changeTexts } from '#workflows/domain/text.ts';
import type { ModelPort, ModelRequest } from '../ports/model.ts';
import type { Store } from '../ports/store.ts';
import { withMembers } from '../support/with-members.ts';

type Redact = (text: string) => string;
type Message = ModelRequest['messages'][number];

/** The signature of thinking is over its text, so the provider refuses changed thinking. It comes from the model. */
const isThinking = ({ type }: Record<string, unknown>) => type === 'thinking' || type === 'redacted_thinking';

/**
 * A model that receives no known secret, whatever the request is for. Clean requests are sent byte by byte. Each message
 * is read once: those of a conversation are the same objects in its next request.
 */
export function redactedModel(model: ModelPort, redact: Redact): ModelPort {
  const read = new WeakMap<Message, Message>();
  function once(message: Message): Message {
    const clean = read.get(message) ?? changeTexts(message, redact, undefined, isThinking);
    read.set(message, clean);
    return clean;
  }
  return withMembers(model, {
    call: (request, hooks) =>
      model.call(
        {
          ...request,
          system: changeTexts(request.system, redact),
          tools: changeTexts(request.tools, redact),
          messages: request.messages.map(once),
          passed_on: request.passed_on && {
            ...request.passed_on,
            body: changeTexts(request.passed_on.body, redact, undefined, isThinking),
          },
        },
        hooks,
      ),
  });
}

/** A store that removes known secrets from what people and judges write. Events are redacted where they are emitted. */
export function redactedStore(store: Store, redact: Redact): Store {
  const door =
    <A extends unknown[], R>(write: (...input: A) => R) =>
    (...input: A): R =>
      write(...changeTexts(input, redact));
  const { messages, tasks, tickets, discoveries, watching } = store;
  return {
    ...store,
    messages: { ...messages, accept: door(messages.accept), answer: door(messages.answer) },
    tasks: { ...tasks, move: door(tasks.move), review: door(tasks.review) },
    tickets: { ...tickets, cancel: door(tickets.cancel) },
    discoveries: { ...discoveries, record: door(discoveries.record) },
    watching: { ...watching, intervene: door(watching.intervene) },
  };
}
