-- AlterTable
ALTER TABLE "ticket_commits" ADD COLUMN     "requirements" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "turn" INTEGER;
