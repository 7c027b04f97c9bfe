-- CreateTable
CREATE TABLE "viewed_files" (
    "pull_request_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "head_sha" TEXT NOT NULL,
    "viewed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "viewed_files_pkey" PRIMARY KEY ("pull_request_id","user_id","path")
);

-- AddForeignKey
ALTER TABLE "viewed_files" ADD CONSTRAINT "viewed_files_pull_request_id_fkey" FOREIGN KEY ("pull_request_id") REFERENCES "pull_requests"("id") ON DELETE CASCADE ON UPDATE CASCADE;
