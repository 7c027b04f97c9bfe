-- AlterTable
ALTER TABLE "specs" ADD COLUMN     "model" TEXT;

-- AlterTable
ALTER TABLE "tickets" ADD COLUMN     "model" TEXT;
