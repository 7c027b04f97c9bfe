-- CreateTable
CREATE TABLE "explore_conversations" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "explore_conversations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "explore_messages" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "question" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'answering',
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "run_id" UUID NOT NULL,
    "answer" TEXT,
    "base_sha" TEXT,
    "citations" JSONB NOT NULL DEFAULT '[]',
    "dropped" JSONB NOT NULL DEFAULT '[]',
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "explore_messages_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "explore_conversations_project_id_user_id_created_at_idx" ON "explore_conversations"("project_id", "user_id", "created_at");

-- CreateIndex
CREATE INDEX "explore_messages_conversation_id_created_at_idx" ON "explore_messages"("conversation_id", "created_at");

-- CreateIndex
CREATE INDEX "explore_messages_status_asked_at_idx" ON "explore_messages"("status", "asked_at");

-- AddForeignKey
ALTER TABLE "explore_messages" ADD CONSTRAINT "explore_messages_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "explore_conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
