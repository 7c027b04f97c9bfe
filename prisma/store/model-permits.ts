import { Prisma } from '../generated/client.ts';
import { jsonParameter, type StoreCore } from './core.ts';

/** A call that wants a permit. */
export interface WantedPermit {
  /** `run:ID`, or the key of a single value: each has one call at a time. A repeated call keeps permit and place. */
  id: string;
  organization_id: string;
  run_id: string | null;
  /** The run's owner: an older one takes nothing. 0 for a single value. */
  owner: number;
  /** Counts the calls of its process. */
  number: number;
}

export interface PermitRound {
  provider: string;
  /** Calls that may be under way at once, over all processes. */
  limit: number;
  /** Id of the process, new with each start. */
  process: string;
  wanted: WantedPermit[];
  /** Numbers of the process's calls that have a permit or wait for one. Others of it count until their time is over. */
  kept: number[];
  /** Numbers of its calls that need none any more. */
  returned: number[];
}

/** A call of the process that has a permit or waits for one. */
export interface PermitState {
  number: number;
  granted: boolean;
  /** Calls that wait before it. */
  ahead: number;
  /** The newest stretch that the run's workflow has asked to return. */
  called_back: number;
}

/** Seconds without a sign of its process after which a permit is free, and a waiting call is passed over. */
const lease = { granted: 60, waiting: 10 };
/** Seconds after which a process gives a sign for a call. */
export const renewal = { granted: 15, waiting: 3 };

const maxTries = 50;

/**
 * Permits to call a provider whose calls are limited. Each is a row, so that the limit holds across processes; one of a
 * dead process goes to the next try of the same call at once, or is free when its lease is over.
 */
export function modelPermitsStore(core: StoreCore) {
  const columns = Prisma.raw(
    'id, provider, organization_id, run_id, owner, process, number, asked_at, granted_at, alive_at',
  );

  /** Nothing is changed where another round of the provider came in between, since this one did not see its rows. */
  const attempt = async ({ provider, limit, process, wanted, kept, returned }: PermitRound) => {
    const mine = Prisma.sql`process = ${process}::uuid`;
    const [answer] = await core.statement<{ changed: boolean; states: PermitState[] }>(Prisma.sql`
      WITH _round AS (
        UPDATE model_permit_rounds
        SET round = round + 1
        WHERE provider = ${provider}
          AND round = (SELECT round FROM model_permit_rounds WHERE provider = ${provider})
        RETURNING round
      ),
      _wanted AS (
        SELECT *
        FROM jsonb_to_recordset(${jsonParameter(wanted)}::jsonb)
          AS w(id text, organization_id uuid, run_id uuid, owner int, number int)
      ),
      _left AS (
        SELECT *
        FROM model_permits
        WHERE provider = ${provider}
          AND NOT (${mine} AND number = ANY(${returned}::int[]))
          AND alive_at > now() - make_interval(secs => ${lease.granted})
      ),
      _taken AS (
        SELECT
          w.id, ${provider} AS provider, w.organization_id, w.run_id, w.owner, ${process}::uuid AS process, w.number,
          coalesce(l.asked_at, clock_timestamp()) AS asked_at, l.granted_at, now() AS alive_at
        FROM _wanted w
        LEFT JOIN _left l ON l.id = w.id
        WHERE l.id IS NULL OR l.owner <= w.owner
      ),
      _all AS (
        SELECT ${columns} FROM _taken
        UNION ALL
        SELECT ${columns} FROM _left WHERE id NOT IN (SELECT id FROM _taken)
      ),
      _waiting AS (
        SELECT id, row_number() OVER (ORDER BY asked_at, number) AS place
        FROM _all
        WHERE granted_at IS NULL AND alive_at > now() - make_interval(secs => ${lease.waiting})
      ),
      _free AS (
        SELECT greatest(0, ${limit} - count(*)) AS permits FROM _all WHERE granted_at IS NOT NULL
      ),
      _next AS (
        SELECT
          a.*,
          w.place - f.permits AS place,
          w.place <= f.permits AS is_granted,
          ${mine} AND a.number = ANY(${kept}::int[])
            AND a.alive_at < now() - make_interval(
              secs => CASE WHEN a.granted_at IS NULL THEN ${renewal.waiting}::int ELSE ${renewal.granted}::int END
            ) AS is_renewed
        FROM _free f, _all a
        LEFT JOIN _waiting w ON w.id = a.id
      ),
      _stored AS (
        INSERT INTO model_permits (${columns})
        SELECT
          id, provider, organization_id, run_id, owner, process, number, asked_at,
          CASE WHEN is_granted THEN now() ELSE granted_at END,
          CASE WHEN is_renewed THEN now() ELSE alive_at END
        FROM _next
        WHERE EXISTS (SELECT 1 FROM _round) AND (is_granted IS TRUE OR is_renewed OR id IN (SELECT id FROM _taken))
        ON CONFLICT (id) DO UPDATE
        SET
          provider = excluded.provider, owner = excluded.owner, process = excluded.process, number = excluded.number,
          asked_at = excluded.asked_at, granted_at = excluded.granted_at, alive_at = excluded.alive_at
      ),
      _deleted AS (
        DELETE FROM model_permits
        WHERE provider = ${provider} AND id NOT IN (SELECT id FROM _all) AND EXISTS (SELECT 1 FROM _round)
      )
      SELECT
        EXISTS (SELECT 1 FROM _round) AS changed,
        (
          SELECT coalesce(json_agg(json_build_object(
            'number', n.number,
            'granted', n.granted_at IS NOT NULL OR coalesce(n.is_granted, false),
            'ahead', greatest(0, coalesce(n.place, 1) - 1),
            'called_back', coalesce(r.called_back, 0)
          )), '[]')
          FROM _next n
          LEFT JOIN runs r ON r.id = n.run_id
          WHERE ${mine}
        ) AS states`);
    return answer;
  };

  return {
    /**
     * Takes back returned permits and grants free ones, of this process and of all others, to the calls that have waited
     * longest. @returns the calls of the process; one that is missing was taken over by a newer try.
     */
    exchange: async (round: PermitRound): Promise<PermitState[]> => {
      for (let tries = 1; ; tries += 1) {
        const answer = await attempt(round);
        if (answer?.changed) return answer.states;
        if (tries === maxTries) throw new Error(`The permits of ${round.provider} kept changing.`);
        await core.statement(Prisma.sql`
          INSERT INTO model_permit_rounds (provider, round) VALUES (${round.provider}, 0) ON CONFLICT DO NOTHING`);
      }
    },
  };
}
