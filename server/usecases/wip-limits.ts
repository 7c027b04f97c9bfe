import type { Project } from '#prisma/store/projects.ts';
import type { WantedMove } from '#prisma/store/ticket-moves.ts';
import { columnOfStatus, limitedColumns, type TicketColumn } from '#workflows/domain/tasks/columns.ts';
import type { Call } from '../http/context.ts';

/** The most tickets that a column of a project's board takes; null: any number. */
export function wipLimit({ services }: Call, project: Pick<Project, 'settings'>, column: TicketColumn): number | null {
  const limited = limitedColumns.find((id) => id === column.id);
  if (!limited) return null;
  const { board } = services.config;
  const usual = {
    analyzing: board.wip_analyzing,
    building: board.wip_building,
    testing: board.wip_testing,
    deploying: board.wip_deploying,
  };
  const own = project.settings.wip_limits?.[limited];
  return own === undefined ? usual[limited] || null : own;
}

/** The limit that a move to a status has to keep. */
export function roomOf(call: Call, project: Project, status: string): WantedMove['room'] {
  const column = columnOfStatus(status);
  const limit = column && wipLimit(call, project, column);
  return column && limit ? { column: column.title, statuses: [...column.statuses], limit } : undefined;
}
