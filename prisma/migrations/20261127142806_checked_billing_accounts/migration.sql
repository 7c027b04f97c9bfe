-- AlterTable
ALTER TABLE "billing_accounts" ADD COLUMN     "checked_at" TIMESTAMPTZ(3);
