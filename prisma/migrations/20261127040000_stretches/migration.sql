-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "called_back" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "loop" JSONB,
ADD COLUMN     "owner" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "turns" ADD COLUMN     "refusal" TEXT;
