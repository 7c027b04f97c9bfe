-- CreateTable
CREATE TABLE "mcp_servers" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "server_id" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "capabilities" TEXT[],
    "connection_url" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "enabled" BOOLEAN NOT NULL,
    "disabled_reason" TEXT,
    "credential_id" UUID,
    "registered_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "mcp_servers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mcp_tools" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "organization_id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "version" TEXT,
    "description" TEXT NOT NULL,
    "schema" JSONB NOT NULL,
    "hash" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "listed" BOOLEAN NOT NULL DEFAULT true,
    "read_only" BOOLEAN NOT NULL DEFAULT false,
    "idempotent" BOOLEAN NOT NULL DEFAULT false,
    "key_param" TEXT,
    "embedding" vector(1536),
    "embedded_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "mcp_tools_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mcp_policies" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "tool_id" UUID NOT NULL,
    "actions" TEXT[],
    "tool_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "granted_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "mcp_policies_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mcp_tokens" (
    "policy_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "granted_by" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mcp_tokens_pkey" PRIMARY KEY ("policy_id")
);

-- CreateTable
CREATE TABLE "circuit_breakers" (
    "tool_id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'closed',
    "failures" INTEGER NOT NULL DEFAULT 0,
    "successes" INTEGER NOT NULL DEFAULT 0,
    "probes" INTEGER NOT NULL DEFAULT 0,
    "opened_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "circuit_breakers_pkey" PRIMARY KEY ("tool_id")
);

-- CreateTable
CREATE TABLE "mcp_invocations" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "project_id" UUID,
    "correlation_id" TEXT NOT NULL,
    "agent_id" UUID NOT NULL,
    "run_id" UUID,
    "ticket_id" UUID,
    "task_id" UUID,
    "server_id" TEXT NOT NULL,
    "tool_name" TEXT NOT NULL,
    "tool_id" UUID,
    "params_hash" TEXT NOT NULL,
    "key_id" TEXT,
    "sealed_params" TEXT,
    "idempotency_key" TEXT,
    "repeat_key" TEXT,
    "reads_only" BOOLEAN NOT NULL DEFAULT false,
    "decision" TEXT NOT NULL,
    "reason" TEXT,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "calling" BOOLEAN NOT NULL DEFAULT false,
    "admitted" BOOLEAN NOT NULL DEFAULT false,
    "probe" BOOLEAN NOT NULL DEFAULT false,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "latency_ms" INTEGER,
    "result" TEXT,
    "answer" TEXT,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "mcp_invocations_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "mcp_servers_credential_id_key" ON "mcp_servers"("credential_id");

-- CreateIndex
CREATE UNIQUE INDEX "mcp_servers_organization_id_server_id_key" ON "mcp_servers"("organization_id", "server_id");

-- CreateIndex
CREATE INDEX "mcp_tools_organization_id_idx" ON "mcp_tools"("organization_id");

-- CreateIndex
CREATE INDEX "mcp_tools_embedded_by_idx" ON "mcp_tools"("embedded_by");

-- CreateIndex
CREATE UNIQUE INDEX "mcp_tools_server_id_name_key" ON "mcp_tools"("server_id", "name");

-- CreateIndex
CREATE INDEX "mcp_policies_organization_id_agent_id_idx" ON "mcp_policies"("organization_id", "agent_id");

-- CreateIndex
CREATE UNIQUE INDEX "mcp_policies_agent_id_tool_id_key" ON "mcp_policies"("agent_id", "tool_id");

-- CreateIndex
CREATE INDEX "circuit_breakers_organization_id_idx" ON "circuit_breakers"("organization_id");

-- CreateIndex
CREATE UNIQUE INDEX "mcp_invocations_repeat_key_key" ON "mcp_invocations"("repeat_key");

-- CreateIndex
CREATE INDEX "mcp_invocations_organization_id_created_at_idx" ON "mcp_invocations"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "mcp_invocations_tool_id_ended_at_idx" ON "mcp_invocations"("tool_id", "ended_at");

-- CreateIndex
CREATE INDEX "mcp_invocations_state_created_at_idx" ON "mcp_invocations"("state", "created_at");

-- AddForeignKey
ALTER TABLE "mcp_servers" ADD CONSTRAINT "mcp_servers_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credentials"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mcp_tools" ADD CONSTRAINT "mcp_tools_server_id_fkey" FOREIGN KEY ("server_id") REFERENCES "mcp_servers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mcp_policies" ADD CONSTRAINT "mcp_policies_tool_id_fkey" FOREIGN KEY ("tool_id") REFERENCES "mcp_tools"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mcp_tokens" ADD CONSTRAINT "mcp_tokens_policy_id_fkey" FOREIGN KEY ("policy_id") REFERENCES "mcp_policies"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "circuit_breakers" ADD CONSTRAINT "circuit_breakers_tool_id_fkey" FOREIGN KEY ("tool_id") REFERENCES "mcp_tools"("id") ON DELETE CASCADE ON UPDATE CASCADE;
