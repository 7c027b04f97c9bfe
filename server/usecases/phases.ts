import { AppError } from '#workflows/domain/errors.ts';
import { phaseIdsOfBoard } from '#workflows/domain/tasks/states.ts';

/** @throws invalid_body unless it is a phase of the board. */
export function requirePhase(phaseId: string): void {
  if (!(phaseIdsOfBoard as readonly string[]).includes(phaseId))
    throw new AppError('invalid_body', `${phaseId} is not a phase of the board.`, [
      { field: 'phase_id', message: `takes ${phaseIdsOfBoard.join(', ')}` },
    ]);
}
