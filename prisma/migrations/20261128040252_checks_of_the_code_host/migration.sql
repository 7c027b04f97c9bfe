-- AlterTable
ALTER TABLE "pull_requests" ADD COLUMN     "host_checks" JSONB NOT NULL DEFAULT '[]';
