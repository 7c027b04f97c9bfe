-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "caller_run_id" UUID;
