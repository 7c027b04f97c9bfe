import type { NewEvent } from '#workflows/domain/events/catalogue.ts';
import { defaultGrid } from '#workflows/domain/notifications/kinds.ts';
import { noticeOf } from '#workflows/domain/notifications/notices.ts';
import { storableJson } from '#workflows/domain/text.ts';
import { Prisma } from '../generated/client.ts';

/**
 * A CTE `_notices` that tells people of the events in `_list`, in the transaction that stores them; undefined when nobody
 * is told of any. Told are the person whose work it is, whoever wants to know of all work, and the owners where the work
 * is of nobody who is still there; of a mention, those whom it names. What wakes a person is critical, and comes by every channel.
 */
export function noticesSql(organizationId: string, events: NewEvent[]): Prisma.Sql | undefined {
  const notices = events.flatMap((event, i) => {
    const notice = noticeOf(event);
    return notice ? [{ position: i + 1, project_id: event.project_id ?? null, ...notice }] : [];
  });
  if (notices.length === 0) return undefined;
  return Prisma.sql`
    _told AS (
      SELECT
        n.*,
        spec.title AS spec_title,
        ticket.title AS ticket_title,
        coalesce(spec.user_id, ticket.user_id, project.created_by) AS person,
        coalesce(jsonb_exists(coalesce(spec.night, ticket.night) -> 'wake_me', n.wakes), false) AS awake
      FROM jsonb_to_recordset(${storableJson(JSON.stringify(notices))}::jsonb) AS n(
        position int, project_id uuid, kind text, severity text, wakes text, text text, link text, spec_id uuid,
        ticket_id uuid, run_id uuid, people jsonb, channels jsonb
      )
      JOIN _list ON _list.position = n.position
      LEFT JOIN runs run ON run.id = n.run_id
      LEFT JOIN specs spec ON spec.id = coalesce(n.spec_id, run.spec_id)
      LEFT JOIN tickets ticket ON ticket.id = coalesce(n.ticket_id, run.ticket_id)
      LEFT JOIN projects project ON project.id = n.project_id
    ),
    _members AS (
      SELECT m.user_id, r.name = 'owner' AS is_owner, s.grid, coalesce(s.work, 'own') AS work
      FROM memberships m
      JOIN roles r ON r.id = m.role_id
      JOIN users u ON u.id = m.user_id AND u.is_active
      LEFT JOIN notification_settings s ON s.user_id = m.user_id
      WHERE m.organization_id = ${organizationId}::uuid
    ),
    _chosen AS (
      SELECT t.*, m.user_id, coalesce(${JSON.stringify(defaultGrid)}::jsonb -> t.kind, '{}'::jsonb) || coalesce(m.grid -> t.kind, '{}'::jsonb) AS wanted
      FROM _told t
      JOIN _members m
        ON CASE
          WHEN t.people IS NOT NULL THEN jsonb_exists(t.people, m.user_id::text)
          ELSE m.work = 'all'
            OR m.user_id = t.person
            OR (m.is_owner AND NOT EXISTS (SELECT 1 FROM _members p WHERE p.user_id = t.person))
        END
    ),
    _notices AS (
      INSERT INTO notifications (organization_id, user_id, project_id, kind, severity, subject, text, link, in_app, mail_state, slack_state)
      SELECT
        ${organizationId}::uuid,
        user_id,
        project_id,
        kind,
        CASE WHEN awake THEN 'critical' ELSE severity END,
        coalesce(spec_title, ticket_title),
        text,
        link,
        (wanted ->> 'in_app')::boolean OR awake,
        CASE WHEN (wanted ->> 'email')::boolean AND coalesce(jsonb_exists(channels, 'email'), true) OR awake THEN 'waiting' END,
        CASE WHEN (wanted ->> 'slack')::boolean AND coalesce(jsonb_exists(channels, 'slack'), true) OR awake THEN 'waiting' END
      FROM _chosen
      WHERE awake
        OR (wanted ->> 'in_app')::boolean
        OR (wanted ->> 'email')::boolean
        OR (wanted ->> 'slack')::boolean
      RETURNING mail_state
    )`;
}
