-- AlterTable
ALTER TABLE "projects" ADD COLUMN     "repository_dir" TEXT;
