import type { StoreCore } from './core.ts';

/** A user at Slack, by the ids that Slack gave. */
interface AtSlack {
  team_id: string;
  slack_id: string;
}

/** Who presses buttons at Slack. */
export const slackPeople = (core: StoreCore) => ({
  /** The newest code of a person; earlier ones work no more. */
  createSlackCode: (userId: string, code: { code_hash: string; expires_at: Date }) =>
    core.change(
      async (tx) =>
        void (await tx.slackCode.upsert({
          where: { user_id: userId },
          create: { user_id: userId, ...code },
          update: code,
        })),
    ),
  /** Links a user at Slack to the person whose code it is, and uses the code up. @returns null for a code that does not work. */
  linkSlack: (at: AtSlack & { name: string }, codeHash: string) =>
    core.change(async (tx) => {
      const live = { code_hash: codeHash, expires_at: { gt: new Date() } };
      const code = await tx.slackCode.findFirst({ where: live });
      if (!code || (await tx.slackCode.deleteMany({ where: live })).count === 0) return null;
      const { name, ...ids } = at;
      const person = { user_id: code.user_id, name, created_at: new Date() };
      await tx.slackPerson.upsert({ where: { team_id_slack_id: ids }, create: { ...ids, ...person }, update: person });
      return tx.user.findUnique({ where: { id: code.user_id } });
    }),
  slackPerson: ({ team_id, slack_id }: AtSlack) =>
    core.read((db) => db.slackPerson.findUnique({ where: { team_id_slack_id: { team_id, slack_id } } })),
  slackPeopleOf: (userId: string) =>
    core.read((db) => db.slackPerson.findMany({ where: { user_id: userId }, orderBy: { created_at: 'asc' } })),
  unlinkSlack: (userId: string) =>
    core.change(async (tx) => void (await tx.slackPerson.deleteMany({ where: { user_id: userId } }))),
});
