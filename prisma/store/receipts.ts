import type { NewEvent } from '#workflows/domain/events/catalogue.ts';
import type { Message } from '../generated/client.ts';
import type { Run } from './json.ts';

/** A message to a run, as its agent gets it. */
export type InboxRow = Pick<Message, 'id' | 'kind' | 'steer_kind' | 'content' | 'actor' | 'intervention_id'>;

/** The events for the delivery of each message and intervention. */
export const receipts = (run: Run, turn: number, messages: InboxRow[]): NewEvent[] =>
  messages.flatMap((message) => {
    const base = {
      organization_id: run.organization_id,
      project_id: run.project_id,
      entity: { kind: 'run', id: run.id },
    };
    const delivered: NewEvent = {
      ...base,
      type: 'run.message.delivered',
      data: {
        run_id: run.id,
        message_id: message.id,
        message_type: message.kind,
        content: message.content,
        sender_id: message.actor,
        turn,
      },
    };
    return message.intervention_id
      ? [
          delivered,
          {
            ...base,
            type: 'guardian.intervention.delivered',
            data: { run_id: run.id, intervention_id: message.intervention_id, turn },
          },
        ]
      : [delivered];
  });
