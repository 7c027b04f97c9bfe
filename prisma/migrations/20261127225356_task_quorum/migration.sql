-- AlterTable
ALTER TABLE "tasks" ADD COLUMN     "merge_strategy" TEXT,
ADD COLUMN     "required_count" INTEGER,
ADD COLUMN     "sync_deadline_at" TIMESTAMPTZ(3);
