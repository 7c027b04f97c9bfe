import { AppError } from '#workflows/domain/errors.ts';
import { changeTexts } from '#workflows/domain/text.ts';
import type * as contracts from '../contracts/sandbox-events.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';

/** EXEC-19. Text of a sandbox is a claim of whoever runs there: it is stored and shown, and nothing acts on it. */
export async function reportEvent(call: Call, id: string, input: Body<typeof contracts.reportEvent>) {
  const { services, organization_id: organizationId, actor } = call;
  const { store, config } = services;
  const wait = await store.rateLimits.consume('sandbox_events', id, config.rate_limits.sandbox_events);
  if (wait)
    throw new AppError('rate_limited', `This run reports too many events. Try again in ${wait} s.`, undefined, wait);
  const { event_id = call.newId('event'), event_type, source } = input;
  if (services.redact(event_id) !== event_id)
    throw new AppError('invalid_body', 'The body is not valid: event_id looks like a secret.', [
      { field: 'event_id', message: 'looks like a secret; take another id' },
    ]);
  // The store leaves secrets out of values; here the names of fields are the reporter's too.
  const event_data = changeTexts(input.event_data, services.redact, services.redact);
  const event = { event_id, event_type, source, event_data, by: actor.email };
  return { status: await store.sandboxes.report(organizationId, id, event), event_id };
}
