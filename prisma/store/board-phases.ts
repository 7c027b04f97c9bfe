import { notFound } from '#workflows/domain/errors.ts';
import { phasesOf, type BoardPhase } from '#workflows/domain/tasks/board-phases.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { asJson, boardPhaseRow } from './json.ts';
import { lockProject } from './row-locks.ts';

interface OfProject {
  organization_id: string;
  project_id: string;
}

/** The phases that projects define themselves. A change is in the project's list of changes, like one of its settings. */
export function boardPhasesStore(core: StoreCore) {
  async function own(db: Pick<Transaction, 'boardPhase'>, { organization_id, project_id }: OfProject) {
    const rows = await db.boardPhase.findMany({ where: { organization_id, project_id }, orderBy: { id: 'asc' } });
    return rows.map(boardPhaseRow).map(({ id, definition }): BoardPhase => ({ ...definition, id }));
  }

  async function known(tx: Transaction, { organization_id, project_id }: OfProject) {
    await lockProject(tx, project_id);
    const project = await tx.project.findFirst({ where: { id: project_id, organization_id } });
    if (!project) throw notFound('project');
    return project;
  }

  const tell = (
    emit: Emit,
    { organization_id, project_id }: OfProject,
    change: { name: string; by: string; id: string; old: unknown; new: unknown },
  ) =>
    emit({
      type: 'project.updated',
      organization_id,
      project_id,
      entity: { kind: 'project', id: project_id },
      data: {
        name: change.name,
        by: change.by,
        changes: { [`phases.${change.id}`]: { old: change.old, new: change.new } },
      },
    });

  return {
    own: (place: OfProject): Promise<BoardPhase[]> => core.read((db) => own(db, place)),
    /** All phases of a project, in their order. */
    all: async (place: OfProject): Promise<BoardPhase[]> => phasesOf(await core.read((db) => own(db, place))),
    /**
     * Stores the definition of a phase. @param check throws where the phases of the project would not fit each other.
     */
    put: (
      place: OfProject,
      phase: BoardPhase,
      by: string,
      check: (phases: BoardPhase[]) => void,
    ): Promise<BoardPhase> =>
      core.change(async (tx, emit) => {
        const { name } = await known(tx, place);
        const before = await own(tx, place);
        check(phasesOf([...before.filter(({ id }) => id !== phase.id), phase]));
        const { id, ...definition } = phase;
        const data = { definition: asJson(definition), updated_by: by, updated_at: new Date() };
        await tx.boardPhase.upsert({
          where: { project_id_id: { project_id: place.project_id, id } },
          create: { ...place, id, ...data },
          update: data,
        });
        const old = before.find((one) => one.id === id) ?? null;
        tell(emit, place, { name, by, id, old, new: phase });
        return phase;
      }),
    /**
     * Takes the project's own definition of a phase away. @param check as in `put`, with the tickets that are in the phase.
     * @returns false where it had none.
     */
    remove: (
      place: OfProject,
      id: string,
      by: string,
      check: (phases: BoardPhase[], tickets: number) => void,
    ): Promise<boolean> =>
      core.change(async (tx, emit) => {
        const { name } = await known(tx, place);
        const before = await own(tx, place);
        const old = before.find((one) => one.id === id);
        if (!old) return false;
        const tickets = await tx.ticket.count({
          where: { ...place, phase_id: id, status: { notIn: ['done', 'cancelled'] } },
        });
        check(phasesOf(before.filter((one) => one.id !== id)), tickets);
        await tx.boardPhase.delete({ where: { project_id_id: { project_id: place.project_id, id } } });
        tell(emit, place, { name, by, id, old, new: null });
        return true;
      }),
  };
}
