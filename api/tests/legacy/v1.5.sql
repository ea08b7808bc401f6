-- A small database as v1.5 of the first marketplace leaves it: no access
-- control, tags and categories in array columns only.

CREATE TYPE "enum_MarketplaceItems_status" AS ENUM ('pending', 'approved', 'rejected');

CREATE TABLE "MarketplaceItems" (
    id varchar(255) PRIMARY KEY,
    name varchar(255),
    author varchar(255),
    type varchar(255),
    "dataType" varchar(255),
    "dataUrl" varchar(255),
    "useBlob" boolean DEFAULT false,
    categories varchar(255)[],
    tags varchar(255)[],
    summary varchar(255),
    description text,
    protocol text NOT NULL DEFAULT $yaml$protocolVersion: 2
name: smoke
type: job
prerequisites:
  - {name: image, type: dockerimage, uri: 'ubuntu:22.04'}
taskRoles:
  main:
    dockerImage: image
    resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}
    commands: [echo hello]
$yaml$,
    "useNumber" integer NOT NULL DEFAULT 0,
    "starNumber" integer NOT NULL DEFAULT 0,
    status "enum_MarketplaceItems_status",
    "createdAt" timestamptz NOT NULL DEFAULT '2021-01-01 00:00:00+00',
    "updatedAt" timestamptz NOT NULL DEFAULT '2021-01-02 00:00:00+00'
);

CREATE TABLE "Users" (
    name varchar(255) PRIMARY KEY,
    "createdAt" timestamptz NOT NULL DEFAULT '2021-01-01 00:00:00+00',
    "updatedAt" timestamptz NOT NULL DEFAULT '2021-01-02 00:00:00+00'
);

CREATE TABLE "StarRelation" (
    "createdAt" timestamptz NOT NULL DEFAULT '2021-01-01 00:00:00+00',
    "updatedAt" timestamptz NOT NULL DEFAULT '2021-01-02 00:00:00+00',
    "MarketplaceItemId" varchar(255) REFERENCES "MarketplaceItems" (id) ON UPDATE CASCADE ON DELETE CASCADE,
    "UserName" varchar(255) REFERENCES "Users" (name) ON UPDATE CASCADE ON DELETE CASCADE,
    PRIMARY KEY ("MarketplaceItemId", "UserName")
);

CREATE TABLE "Blobs" (
    id varchar(255) PRIMARY KEY,
    type varchar(255) NOT NULL,
    "storageAccount" varchar(255) NOT NULL,
    "containerName" varchar(255) NOT NULL,
    "connectionStrings" text[] NOT NULL,
    tokens text[],
    users varchar(255)[],
    "createdAt" timestamptz NOT NULL DEFAULT '2021-01-01 00:00:00+00',
    "updatedAt" timestamptz NOT NULL DEFAULT '2021-01-02 00:00:00+00'
);

INSERT INTO "MarketplaceItems" (id, name, author, type, categories, tags, status) VALUES
    ('1', 'shipped template', 'OpenPAI', 'template', '{COVID-19}', '{"official example"}', 'approved'),
    ('2', 'shipped data', 'OpenPAI', 'data', '{}', '{"open source dataset"}', 'approved'),
    ('chosen id/1', 'by alice', 'alice', 'old', '{"my cat"}', '{t1,t1}', NULL),
    ('pretender', 'by mallory', 'mallory', 'template', '{"official example","my cat"}', '{"official example"}', 'pending');

INSERT INTO "Users" (name) VALUES ('alice');
INSERT INTO "StarRelation" ("MarketplaceItemId", "UserName") VALUES ('1', 'alice');
