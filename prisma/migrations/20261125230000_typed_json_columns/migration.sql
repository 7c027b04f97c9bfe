-- runs.limits holds the limits alone, and what a run was made for moves to runs.settings.
ALTER TABLE "runs" ADD COLUMN     "settings" JSONB NOT NULL DEFAULT '{}';

UPDATE "runs" SET
  "settings" = (
    SELECT coalesce(jsonb_object_agg(key, value), '{}')
    FROM jsonb_each("limits")
    WHERE key IN ('chain', 'session', 'last_attempt', 'network', 'round')
  ),
  "limits" = "limits" - ARRAY['chain', 'session', 'last_attempt', 'network', 'round'],
  "start_sha" = coalesce("start_sha", "base_sha"),
  "head_sha" = coalesce("head_sha", "start_sha", "base_sha");

-- Every run has these from its first insert on.
ALTER TABLE "runs"
ALTER COLUMN "sandbox_id" SET NOT NULL,
ALTER COLUMN "branch" SET NOT NULL,
ALTER COLUMN "base_sha" SET NOT NULL,
ALTER COLUMN "start_sha" SET NOT NULL,
ALTER COLUMN "head_sha" SET NOT NULL;

ALTER TABLE "phase_attempts" ALTER COLUMN "run_id" SET NOT NULL;

UPDATE "sandboxes" SET "provider_id" = "id" WHERE "provider_id" IS NULL;
ALTER TABLE "sandboxes" ALTER COLUMN "provider_id" SET NOT NULL;

-- tool_calls.plan held four different things, and each gets its own column.
ALTER TABLE "tool_calls"
ADD COLUMN     "edit_plan" JSONB,
ADD COLUMN     "view" JSONB,
ADD COLUMN     "cwd" TEXT,
ADD COLUMN     "outcome" JSONB;

UPDATE "tool_calls" SET
  "edit_plan" = CASE WHEN "plan"->'after' IS NOT NULL THEN "plan" END,
  "view" = CASE WHEN "plan"->'hash' IS NOT NULL THEN "plan" END,
  "cwd" = "plan"->>'cwd',
  "outcome" = nullif("plan"->'outcome', 'null')
WHERE "plan" IS NOT NULL;

ALTER TABLE "tool_calls" DROP COLUMN "plan";
