import { Webhook } from 'standardwebhooks';
import { AppError } from '#workflows/domain/errors.ts';
import { OutgoingRefused } from '../ports/outgoing.ts';
import { keyContext } from '../ports/secrets.ts';
import type { Services } from '../ports/services.ts';

interface Where {
  delivery_id: string;
}

/** Steps of `alertDeliveryWorkflow`. They get the message's id alone, so no history holds an address, a text or a secret. */
export function createAlertActivities({ store, secrets, outgoing }: Pick<Services, 'store' | 'secrets' | 'outgoing'>) {
  return {
    /**
     * Sends a message as Standard Webhooks says, unless it has an end already. The receiver knows a second sending by its
     * `webhook-id`. What the receiver cannot take now is tried again; an address that it has given up (410) or that may
     * not be called ends the message.
     */
    deliverAlert: async ({ delivery_id: id }: Where): Promise<void> => {
      const delivery = await store.alerts.delivery(id);
      if (delivery?.state !== 'waiting') return;
      const { endpoint, body } = delivery;
      const now = new Date();
      const secret = secrets.open(endpoint.credential, keyContext(endpoint.credential));
      const answer = await outgoing
        .within({ max_bytes: 65_536, timeout: 20 })(endpoint.url, {
          method: 'POST',
          body,
          headers: {
            'content-type': 'application/json',
            'webhook-id': `msg_${id}`,
            'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
            'webhook-signature': new Webhook(secret).sign(`msg_${id}`, now, body),
          },
        })
        .catch((error: unknown) => {
          if (error instanceof OutgoingRefused) throw error;
          throw new AppError('unavailable', 'The endpoint does not answer.');
        });
      const { status } = answer;
      if (status === 410) throw new AppError('invalid_rule', 'The endpoint answers 410: it takes nothing any more.');
      if (!answer.ok) {
        const seconds = Number(answer.headers.get('retry-after')) || undefined;
        throw new AppError('unavailable', `The endpoint answers ${status}.`, undefined, seconds);
      }
      await store.alerts.endDelivery(id, null);
    },

    /** Records that a message cannot be sent, and why. */
    failAlertDelivery: ({ delivery_id: id, error }: Where & { error: string }): Promise<void> =>
      store.alerts.endDelivery(id, error),
  };
}
