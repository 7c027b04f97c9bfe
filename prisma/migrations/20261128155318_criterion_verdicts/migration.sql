-- AlterTable
ALTER TABLE "acceptance_criteria" ADD COLUMN     "verdict" JSONB;

-- AlterTable
ALTER TABLE "validation_reviews" ADD COLUMN     "criteria" JSONB NOT NULL DEFAULT '[]';
