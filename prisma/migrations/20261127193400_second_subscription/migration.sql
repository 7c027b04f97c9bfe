-- AlterTable
ALTER TABLE "subscriptions" ADD COLUMN     "refunded_cents" INTEGER;
