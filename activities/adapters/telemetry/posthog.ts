import { PostHog } from 'posthog-node';
import type { NewEvent } from '#workflows/domain/events/catalogue.ts';

/** What is counted of the events of organizations, with the name that it has there. */
const counted = {
  'spec.execution_started': 'workflow_started',
  'spec.execution_completed': 'workflow_completed',
  'spec.execution_failed': 'workflow_failed',
  'billing.credits_added': 'checkout_completed',
  'subscription.created': 'subscription_created',
  'subscription.upgraded': 'subscription_upgraded',
  'subscription.downgraded': 'subscription_downgraded',
  'subscription.paused': 'subscription_paused',
  'subscription.reactivated': 'subscription_reactivated',
  'subscription.canceled': 'subscription_canceled',
  'billing.payment_succeeded': 'payment_succeeded',
  'billing.payment_failed': 'payment_failed',
  'billing.payment_refunded': 'payment_refunded',
} as const satisfies Partial<Record<NewEvent['type'], string>>;

const nameOf = new Map<string, string>(Object.entries(counted));

export interface Analytics {
  /** Counts what happened in an organization, if it is among what is counted. */
  published(events: readonly NewEvent[]): void;
  /** Counts what a person did with their account. */
  person(event: 'user_created' | 'user_signed_in', userId: string): void;
  /** Sends what is under way, for at most 2 s. */
  close(): Promise<void>;
}

/** OBS-04: counts what people use, at PostHog. Only ids leave: no name, address, title or text. */
export function createAnalytics({
  key,
  host,
  failed,
}: {
  key: string;
  host: string;
  failed: (error: unknown) => void;
}): Analytics {
  const client = new PostHog(key, { host, disableGeoip: true, fetchRetryCount: 2, fetchRetryDelay: 500 });
  client.on('error', failed);
  return {
    published(events) {
      for (const { type, organization_id: organization, project_id: project } of events) {
        const event = nameOf.get(type);
        if (!event) continue;
        const properties = {
          $process_person_profile: false,
          organization_id: organization,
          project_id: project ?? null,
        };
        client.capture({ distinctId: organization, event, properties });
      }
    },
    person: (event, userId) =>
      client.capture({ distinctId: userId, event, properties: { $process_person_profile: false } }),
    close: async () => void (await client.shutdown(2000)),
  };
}
