-- AlterTable
ALTER TABLE "oauth_accounts" ADD COLUMN     "last_four" TEXT,
ADD COLUMN     "repositories_at" TIMESTAMPTZ(3);
