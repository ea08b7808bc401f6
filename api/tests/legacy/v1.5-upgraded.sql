-- A small database that was upgraded from v1.5 to v1.6: `source` is plain
-- text, and everything became private, official items too. Two items are from
-- after the upgrade.

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
    "updatedAt" timestamptz NOT NULL DEFAULT '2021-01-02 00:00:00+00',
    source varchar(255) NOT NULL DEFAULT 'marketplace',
    "isPublic" boolean NOT NULL DEFAULT false,
    "isPrivate" boolean NOT NULL DEFAULT true,
    "groupList" varchar(255)[] NOT NULL DEFAULT '{}'
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

CREATE TABLE "ItemTags" (
    id varchar(255) PRIMARY KEY,
    name varchar(255) NOT NULL,
    color varchar(255),
    description varchar(255),
    extras text,
    "createdAt" timestamptz NOT NULL DEFAULT '2021-01-01 00:00:00+00',
    "updatedAt" timestamptz NOT NULL DEFAULT '2021-01-02 00:00:00+00'
);

CREATE TABLE "ItemCategories" (
    id varchar(255) PRIMARY KEY,
    name varchar(255) NOT NULL,
    description varchar(255),
    extras text,
    "createdAt" timestamptz NOT NULL DEFAULT '2021-01-01 00:00:00+00',
    "updatedAt" timestamptz NOT NULL DEFAULT '2021-01-02 00:00:00+00'
);

CREATE TABLE "ItemTagRelation" (
    "createdAt" timestamptz NOT NULL DEFAULT '2021-01-01 00:00:00+00',
    "updatedAt" timestamptz NOT NULL DEFAULT '2021-01-02 00:00:00+00',
    "MarketplaceItemId" varchar(255) REFERENCES "MarketplaceItems" (id) ON UPDATE CASCADE ON DELETE CASCADE,
    "ItemTagId" varchar(255) REFERENCES "ItemTags" (id) ON UPDATE CASCADE ON DELETE CASCADE,
    PRIMARY KEY ("MarketplaceItemId", "ItemTagId")
);

CREATE TABLE "ItemCategoryRelation" (
    "createdAt" timestamptz NOT NULL DEFAULT '2021-01-01 00:00:00+00',
    "updatedAt" timestamptz NOT NULL DEFAULT '2021-01-02 00:00:00+00',
    "MarketplaceItemId" varchar(255) REFERENCES "MarketplaceItems" (id) ON UPDATE CASCADE ON DELETE CASCADE,
    "ItemCategoryId" varchar(255) REFERENCES "ItemCategories" (id) ON UPDATE CASCADE ON DELETE CASCADE,
    PRIMARY KEY ("MarketplaceItemId", "ItemCategoryId")
);

INSERT INTO "MarketplaceItems" (id, name, author, type, categories, tags, status) VALUES
    ('1', 'shipped template', 'OpenPAI', 'template', '{COVID-19}', '{"official example"}', 'approved'),
    ('2', 'shipped data', 'OpenPAI', 'data', '{}', '{"open source dataset"}', 'approved'),
    ('chosen id/1', 'by alice', 'alice', 'old', '{"my cat"}', '{t1,t1}', NULL),
    ('pretender', 'by mallory', 'mallory', 'template', '{"official example","my cat"}', '{"official example"}', 'pending');

INSERT INTO "Users" (name) VALUES ('alice');
INSERT INTO "StarRelation" ("MarketplaceItemId", "UserName") VALUES ('1', 'alice');

INSERT INTO "MarketplaceItems" (id, name, author, type, "createdAt", source, "isPublic", "isPrivate") VALUES
    ('later public', 'later public', 'alice', 'template', '2022-01-01 00:00:00+00', 'bogus', true, false),
    ('later private', 'later private', 'alice', 'template', '2022-01-01 00:00:00+00', 'pai', false, true);

INSERT INTO "MarketplaceItems" (id, name, author, status) VALUES ('refused', 'refused', 'alice', 'rejected');
