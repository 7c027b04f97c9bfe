-- AlterTable
ALTER TABLE "memberships" ADD COLUMN     "added_by" UUID;
