-- CreateTable
CREATE TABLE "preview_sessions" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "sandbox_id" TEXT NOT NULL,
    "sandbox_host" TEXT,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "port" INTEGER NOT NULL,
    "command" TEXT,
    "reason" TEXT,
    "requested_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "preview_sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "preview_tokens" (
    "hashed_token" TEXT NOT NULL,
    "preview_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "port" INTEGER NOT NULL,
    "via" TEXT NOT NULL,
    "owner_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "preview_tokens_pkey" PRIMARY KEY ("hashed_token")
);

-- CreateIndex
CREATE UNIQUE INDEX "preview_sessions_run_id_key" ON "preview_sessions"("run_id");

-- CreateIndex
CREATE UNIQUE INDEX "preview_sessions_sandbox_id_key" ON "preview_sessions"("sandbox_id");

-- CreateIndex
CREATE INDEX "preview_sessions_status_changed_at_idx" ON "preview_sessions"("status", "changed_at");

-- CreateIndex
CREATE INDEX "preview_tokens_preview_id_expires_at_idx" ON "preview_tokens"("preview_id", "expires_at");

-- AddForeignKey
ALTER TABLE "preview_sessions" ADD CONSTRAINT "preview_sessions_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "preview_tokens" ADD CONSTRAINT "preview_tokens_preview_id_fkey" FOREIGN KEY ("preview_id") REFERENCES "preview_sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;
