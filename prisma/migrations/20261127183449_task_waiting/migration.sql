-- AlterTable
ALTER TABLE "tasks" ADD COLUMN     "waiting_for" TEXT,
ADD COLUMN     "waiting_reason" TEXT;
