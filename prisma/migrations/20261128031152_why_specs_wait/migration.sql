-- AlterTable
ALTER TABLE "specs" ADD COLUMN     "waiting_reason" TEXT;
