-- AlterTable
ALTER TABLE "cost_records" ADD COLUMN "phase" TEXT;

-- The phase of what was recorded before is its run's.
UPDATE "cost_records" SET "phase" = "runs"."phase" FROM "runs" WHERE "runs"."id" = "cost_records"."run_id";
