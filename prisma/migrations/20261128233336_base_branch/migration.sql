-- AlterTable
ALTER TABLE "specs" ADD COLUMN     "base_branch" TEXT;

-- AlterTable
ALTER TABLE "tickets" ADD COLUMN     "base_branch" TEXT;
