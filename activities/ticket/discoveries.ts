import type { Services } from '../ports/services.ts';
import { AppError } from '#workflows/domain/errors.ts';

export function createDiscoveryActivities(services: Pick<Services, 'store'>) {
  const { store } = services;
  return {
    /** Sets a discovery's status. A status that a person set meanwhile is kept. */
    settleDiscovery: async (input: {
      organization_id: string;
      discovery_id: string;
      status: 'in_progress' | 'resolved' | 'invalid';
    }): Promise<void> => {
      try {
        await store.discoveries.resolve(input.organization_id, input.discovery_id, input.status, 'platform');
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'conflict') throw error;
      }
    },
  };
}
