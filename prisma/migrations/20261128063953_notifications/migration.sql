-- CreateTable
CREATE TABLE "notifications" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "project_id" UUID,
    "kind" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "subject" TEXT,
    "text" TEXT NOT NULL,
    "link" TEXT NOT NULL,
    "in_app" BOOLEAN NOT NULL,
    "mail_state" TEXT,
    "slack_state" TEXT,
    "send_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "read_at" TIMESTAMPTZ(3),

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notification_settings" (
    "user_id" UUID NOT NULL,
    "grid" JSONB NOT NULL DEFAULT '{}',
    "digest" TEXT NOT NULL DEFAULT 'instant',
    "quiet_from" TEXT NOT NULL DEFAULT '22:00',
    "quiet_until" TEXT NOT NULL DEFAULT '08:00',
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "work" TEXT NOT NULL DEFAULT 'own',
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notification_settings_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "inbox_snoozes" (
    "user_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "item_id" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "inbox_snoozes_pkey" PRIMARY KEY ("user_id","organization_id","item_id")
);

-- CreateIndex
CREATE INDEX "notifications_user_id_organization_id_created_at_idx" ON "notifications"("user_id", "organization_id", "created_at");

-- CreateIndex
CREATE INDEX "notifications_mail_state_idx" ON "notifications"("mail_state");

-- CreateIndex
CREATE INDEX "notifications_slack_state_idx" ON "notifications"("slack_state");

-- AddForeignKey
ALTER TABLE "notification_settings" ADD CONSTRAINT "notification_settings_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
