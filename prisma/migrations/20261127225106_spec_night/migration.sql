-- AlterTable
ALTER TABLE "specs" ADD COLUMN     "night" JSONB;
