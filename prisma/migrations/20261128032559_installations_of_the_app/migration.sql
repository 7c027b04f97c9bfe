-- AlterTable
ALTER TABLE "connected_repositories" ADD COLUMN     "installation_id" TEXT;
