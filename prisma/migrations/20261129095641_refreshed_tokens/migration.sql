-- AlterTable
ALTER TABLE "oauth_accounts" ADD COLUMN     "refreshing_until" TIMESTAMPTZ(3);
