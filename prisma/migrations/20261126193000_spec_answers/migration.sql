-- AlterTable
ALTER TABLE "specs" ADD COLUMN     "answers" JSONB NOT NULL DEFAULT '[]';
