-- AlterTable
ALTER TABLE "tickets" ADD COLUMN     "night" JSONB;
