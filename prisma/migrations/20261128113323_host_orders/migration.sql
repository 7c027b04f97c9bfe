-- CreateTable
CREATE TABLE "host_orders" (
    "project_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "organization_id" UUID NOT NULL,
    "answer_key" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "answered_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "host_orders_pkey" PRIMARY KEY ("project_id","key")
);

-- AddForeignKey
ALTER TABLE "host_orders" ADD CONSTRAINT "host_orders_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;
