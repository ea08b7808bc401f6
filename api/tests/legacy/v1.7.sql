-- A small database of v1.7 with every odd row that running deployments have.

CREATE TYPE "enum_MarketplaceItems_source" AS ENUM ('marketplace', 'pai');
CREATE TYPE "enum_MarketplaceItems_status" AS ENUM ('pending', 'approved', 'rejected');

CREATE TABLE "MarketplaceItems" (
    id varchar(255) PRIMARY KEY,
    name varchar(255),
    author varchar(255),
    type varchar(255),
    source "enum_MarketplaceItems_source" NOT NULL DEFAULT 'marketplace',
    "isPublic" boolean NOT NULL DEFAULT true,
    "isPrivate" boolean NOT NULL DEFAULT false,
    "groupList" varchar(255)[] NOT NULL DEFAULT '{}',
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

INSERT INTO "MarketplaceItems" (id, name, author, type) VALUES
    ('10', 'official', 'OpenPAI', 'template'),
    ('', 'empty id', 'alice', 'template'),
    ('nameless', NULL, 'alice', NULL),
    ('ownerless', 'ownerless', NULL, 'template'),
    ('pretender', 'pretender', 'mallory', 'template');
UPDATE "MarketplaceItems" SET categories = '{"official example"}', tags = '{}' WHERE id = 'pretender';

INSERT INTO "MarketplaceItems" (id, name, author, type, source, "isPublic", "isPrivate", "groupList", "dataType", "dataUrl", "useBlob", categories, tags, summary, description, "useNumber", "starNumber", status, "createdAt", "updatedAt") VALUES
    ('chosen id/1', 'whole', 'alice', 'data', 'pai', false, false, '{vision,default,vision}', 'blob', 'http://x/y', true,
     '{c1}', '{t1,t2}', 'sum', '# ü 漢 😀', 7, 2, 'pending', '2021-03-04 05:06:07.891234+00', '2021-03-04 06:06:07.899999+01');

INSERT INTO "MarketplaceItems" (id, name, author, type, "isPublic", "isPrivate", "groupList") VALUES
    ('both', 'both', 'alice', 'template', true, true, '{vision}'),
    ('private', 'private', 'alice', 'template', false, true, '{}'),
    ('nobody', 'shared with nobody', 'alice', 'template', false, false, '{}'),
    ('public with groups', 'public with groups', 'alice', 'template', true, false, '{nlp}');

INSERT INTO "MarketplaceItems" (id, name, author, type, "dataType", "useBlob", tags, protocol, status) VALUES
    ('invalid', 'invalid', 'bob', 'mystery', 'tape', NULL, '{"",NULL,plain}', 'a: 1', 'pending'),
    ('refused', 'refused', 'bob', 'template', NULL, false, NULL, '', 'rejected');

INSERT INTO "ItemTags" (id, name, color, "createdAt") VALUES
    ('tag-young', 'twin', '#123456', '2021-02-02 00:00:00+00'),
    ('tag-old', 'twin', NULL, '2021-02-01 00:00:00+00'),
    ('tag-empty', '', NULL, '2021-02-01 00:00:00+00'),
    ('tag-blank', ' ', NULL, '2021-02-03 00:00:00+00'),
    ('tag-case', 'Twin', NULL, '2021-02-01 00:00:00+00'),
    ('', 't1', 'red', '2021-02-01 00:00:00+00');
INSERT INTO "ItemTagRelation" ("MarketplaceItemId", "ItemTagId") VALUES
    ('10', 'tag-young'), ('10', 'tag-old'), ('10', 'tag-case'), ('nameless', 'tag-young'), ('nameless', 'tag-blank'), ('chosen id/1', '');

INSERT INTO "ItemCategories" (id, name, description, "createdAt") VALUES
    ('cat-official', 'official example', NULL, '2021-02-01 00:00:00+00'),
    ('cat-again', 'official example', 'later', '2021-02-02 00:00:00+00'),
    ('cat-empty', '', NULL, '2021-02-01 00:00:00+00');
INSERT INTO "ItemCategoryRelation" ("MarketplaceItemId", "ItemCategoryId") VALUES ('10', 'cat-again'), ('both', 'cat-empty');

INSERT INTO "Users" (name) VALUES ('alice'), ('bob');
INSERT INTO "StarRelation" ("MarketplaceItemId", "UserName") VALUES ('10', 'alice'), ('10', 'bob'), ('', 'bob');

INSERT INTO "Blobs" (id, type, "storageAccount", "containerName", "connectionStrings", tokens, users) VALUES
    ('', 'blob', 'account', 'marketplace', '{"AccountKey=c2VjcmV0","second"}', NULL, '{alice,NULL}'),
    ('blob-2', 'blob', 'account', 'marketplace', '{""}', '{""}', '{""}');
