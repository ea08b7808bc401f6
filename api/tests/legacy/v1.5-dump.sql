-- The database of v1.5.sql as pg_dump writes it.
--
-- PostgreSQL database dump
--

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: enum_MarketplaceItems_status; Type: TYPE; Schema: public; Owner: marketplace
--

CREATE TYPE public."enum_MarketplaceItems_status" AS ENUM (
    'pending',
    'approved',
    'rejected'
);

ALTER TYPE public."enum_MarketplaceItems_status" OWNER TO marketplace;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: Blobs; Type: TABLE; Schema: public; Owner: marketplace
--

CREATE TABLE public."Blobs" (
    id character varying(255) NOT NULL,
    type character varying(255) NOT NULL,
    "storageAccount" character varying(255) NOT NULL,
    "containerName" character varying(255) NOT NULL,
    "connectionStrings" text[] NOT NULL,
    tokens text[],
    users character varying(255)[],
    "createdAt" timestamp with time zone DEFAULT '2021-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    "updatedAt" timestamp with time zone DEFAULT '2021-01-02 00:00:00+00'::timestamp with time zone NOT NULL
);

ALTER TABLE public."Blobs" OWNER TO marketplace;

--
-- Name: MarketplaceItems; Type: TABLE; Schema: public; Owner: marketplace
--

CREATE TABLE public."MarketplaceItems" (
    id character varying(255) NOT NULL,
    name character varying(255),
    author character varying(255),
    type character varying(255),
    "dataType" character varying(255),
    "dataUrl" character varying(255),
    "useBlob" boolean DEFAULT false,
    categories character varying(255)[],
    tags character varying(255)[],
    summary character varying(255),
    description text,
    protocol text DEFAULT 'protocolVersion: 2
name: smoke
type: job
prerequisites:
  - {name: image, type: dockerimage, uri: ''ubuntu:22.04''}
taskRoles:
  main:
    dockerImage: image
    resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}
    commands: [echo hello]
'::text NOT NULL,
    "useNumber" integer DEFAULT 0 NOT NULL,
    "starNumber" integer DEFAULT 0 NOT NULL,
    status public."enum_MarketplaceItems_status",
    "createdAt" timestamp with time zone DEFAULT '2021-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    "updatedAt" timestamp with time zone DEFAULT '2021-01-02 00:00:00+00'::timestamp with time zone NOT NULL
);

ALTER TABLE public."MarketplaceItems" OWNER TO marketplace;

--
-- Name: StarRelation; Type: TABLE; Schema: public; Owner: marketplace
--

CREATE TABLE public."StarRelation" (
    "createdAt" timestamp with time zone DEFAULT '2021-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    "updatedAt" timestamp with time zone DEFAULT '2021-01-02 00:00:00+00'::timestamp with time zone NOT NULL,
    "MarketplaceItemId" character varying(255) NOT NULL,
    "UserName" character varying(255) NOT NULL
);

ALTER TABLE public."StarRelation" OWNER TO marketplace;

--
-- Name: Users; Type: TABLE; Schema: public; Owner: marketplace
--

CREATE TABLE public."Users" (
    name character varying(255) NOT NULL,
    "createdAt" timestamp with time zone DEFAULT '2021-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    "updatedAt" timestamp with time zone DEFAULT '2021-01-02 00:00:00+00'::timestamp with time zone NOT NULL
);

ALTER TABLE public."Users" OWNER TO marketplace;

--
-- Data for Name: Blobs; Type: TABLE DATA; Schema: public; Owner: marketplace
--

COPY public."Blobs" (id, type, "storageAccount", "containerName", "connectionStrings", tokens, users, "createdAt", "updatedAt") FROM stdin;
\.

--
-- Data for Name: MarketplaceItems; Type: TABLE DATA; Schema: public; Owner: marketplace
--

COPY public."MarketplaceItems" (id, name, author, type, "dataType", "dataUrl", "useBlob", categories, tags, summary, description, protocol, "useNumber", "starNumber", status, "createdAt", "updatedAt") FROM stdin;
1	shipped template	OpenPAI	template	\N	\N	f	{COVID-19}	{"official example"}	\N	\N	protocolVersion: 2\nname: smoke\ntype: job\nprerequisites:\n  - {name: image, type: dockerimage, uri: 'ubuntu:22.04'}\ntaskRoles:\n  main:\n    dockerImage: image\n    resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}\n    commands: [echo hello]\n	0	0	approved	2021-01-01 00:00:00+00	2021-01-02 00:00:00+00
2	shipped data	OpenPAI	data	\N	\N	f	{}	{"open source dataset"}	\N	\N	protocolVersion: 2\nname: smoke\ntype: job\nprerequisites:\n  - {name: image, type: dockerimage, uri: 'ubuntu:22.04'}\ntaskRoles:\n  main:\n    dockerImage: image\n    resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}\n    commands: [echo hello]\n	0	0	approved	2021-01-01 00:00:00+00	2021-01-02 00:00:00+00
chosen id/1	by alice	alice	old	\N	\N	f	{"my cat"}	{t1,t1}	\N	\N	protocolVersion: 2\nname: smoke\ntype: job\nprerequisites:\n  - {name: image, type: dockerimage, uri: 'ubuntu:22.04'}\ntaskRoles:\n  main:\n    dockerImage: image\n    resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}\n    commands: [echo hello]\n	0	0	\N	2021-01-01 00:00:00+00	2021-01-02 00:00:00+00
pretender	by mallory	mallory	template	\N	\N	f	{"official example","my cat"}	{"official example"}	\N	\N	protocolVersion: 2\nname: smoke\ntype: job\nprerequisites:\n  - {name: image, type: dockerimage, uri: 'ubuntu:22.04'}\ntaskRoles:\n  main:\n    dockerImage: image\n    resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}\n    commands: [echo hello]\n	0	0	pending	2021-01-01 00:00:00+00	2021-01-02 00:00:00+00
\.

--
-- Data for Name: StarRelation; Type: TABLE DATA; Schema: public; Owner: marketplace
--

COPY public."StarRelation" ("createdAt", "updatedAt", "MarketplaceItemId", "UserName") FROM stdin;
2021-01-01 00:00:00+00	2021-01-02 00:00:00+00	1	alice
\.

--
-- Data for Name: Users; Type: TABLE DATA; Schema: public; Owner: marketplace
--

COPY public."Users" (name, "createdAt", "updatedAt") FROM stdin;
alice	2021-01-01 00:00:00+00	2021-01-02 00:00:00+00
\.

--
-- Name: Blobs Blobs_pkey; Type: CONSTRAINT; Schema: public; Owner: marketplace
--

ALTER TABLE ONLY public."Blobs"
    ADD CONSTRAINT "Blobs_pkey" PRIMARY KEY (id);

--
-- Name: MarketplaceItems MarketplaceItems_pkey; Type: CONSTRAINT; Schema: public; Owner: marketplace
--

ALTER TABLE ONLY public."MarketplaceItems"
    ADD CONSTRAINT "MarketplaceItems_pkey" PRIMARY KEY (id);

--
-- Name: StarRelation StarRelation_pkey; Type: CONSTRAINT; Schema: public; Owner: marketplace
--

ALTER TABLE ONLY public."StarRelation"
    ADD CONSTRAINT "StarRelation_pkey" PRIMARY KEY ("MarketplaceItemId", "UserName");

--
-- Name: Users Users_pkey; Type: CONSTRAINT; Schema: public; Owner: marketplace
--

ALTER TABLE ONLY public."Users"
    ADD CONSTRAINT "Users_pkey" PRIMARY KEY (name);

--
-- Name: StarRelation StarRelation_MarketplaceItemId_fkey; Type: FK CONSTRAINT; Schema: public; Owner: marketplace
--

ALTER TABLE ONLY public."StarRelation"
    ADD CONSTRAINT "StarRelation_MarketplaceItemId_fkey" FOREIGN KEY ("MarketplaceItemId") REFERENCES public."MarketplaceItems"(id) ON UPDATE CASCADE ON DELETE CASCADE;

--
-- Name: StarRelation StarRelation_UserName_fkey; Type: FK CONSTRAINT; Schema: public; Owner: marketplace
--

ALTER TABLE ONLY public."StarRelation"
    ADD CONSTRAINT "StarRelation_UserName_fkey" FOREIGN KEY ("UserName") REFERENCES public."Users"(name) ON UPDATE CASCADE ON DELETE CASCADE;

--
-- PostgreSQL database dump complete
--

