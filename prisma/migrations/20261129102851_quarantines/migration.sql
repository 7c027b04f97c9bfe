-- AlterTable
ALTER TABLE "agent_status_transitions" ADD COLUMN     "evidence" JSONB;

-- What was known of an agent belongs to its newest quarantine.
UPDATE "agent_status_transitions" t
SET "evidence" = a."evidence"
FROM "agents" a
WHERE a."id" = t."agent_id"
  AND a."evidence" IS NOT NULL
  AND t."id" = (
    SELECT q."id"
    FROM "agent_status_transitions" q
    WHERE q."agent_id" = a."id" AND q."to_status" = 'quarantined'
    ORDER BY q."created_at" DESC
    LIMIT 1
  );

-- AlterTable
ALTER TABLE "agents" DROP COLUMN "evidence";
