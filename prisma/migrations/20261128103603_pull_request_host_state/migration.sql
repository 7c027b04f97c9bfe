-- AlterTable
ALTER TABLE "pull_requests" ADD COLUMN     "host_state" JSONB NOT NULL DEFAULT '{}';
