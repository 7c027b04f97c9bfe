import type { StoreCore } from './core.ts';

interface NewOrder {
  project_id: string;
  organization_id: string;
  /** `label:ID` or `command:ID`, by the code host's ids. */
  key: string;
  /** Answers of the same key are given once. */
  answer_key: string;
  body: string;
}

/** Orders that people gave on issues at a code host, and that were carried out. */
export function hostOrdersStore(core: StoreCore) {
  return {
    of: (projectId: string, keys: string[]) =>
      core.read((db) => db.hostOrder.findMany({ where: { project_id: projectId, key: { in: keys } } })),
    /** Keeps what came of an order. The first one stays. */
    keep: (order: NewOrder): Promise<void> =>
      core.change(async (tx) => {
        await tx.hostOrder.createMany({ data: [order], skipDuplicates: true });
      }),
    answered: (projectId: string, key: string): Promise<void> =>
      core.change(async (tx) => {
        await tx.hostOrder.updateMany({ where: { project_id: projectId, key }, data: { answered_at: new Date() } });
      }),
  };
}
