-- What the sync in progress has read so far; private to it. The tables of schema.sql stand in the
-- same file under the same names and hold the cards and links; these hold its marks.

create table run (
    format integer not null,
    kind varchar not null,
    started_at timestamp not null,
    requests bigint not null,
    base_url varchar not null,
    account_id bigint,
    account_name varchar,
    phone_country varchar not null,
    wanted varchar[],
    finished_at timestamp,
    refused double
);

create table pages (
    entity_type entity_type not null,
    catalog_id bigint not null,
    page bigint not null,
    first_id bigint not null,
    last_id bigint not null,
    cards bigint not null,
    is_last boolean not null,
    read_at timestamp not null
);

create table link_reads (
    entity_type entity_type not null,
    entity_id bigint not null,
    read_at timestamp not null,
    is_whole boolean not null,
    expected bigint
);

create table embedded (
    entity_type entity_type not null,
    entity_id bigint not null,
    to_entity_type entity_type not null,
    to_catalog_id bigint not null,
    to_entity_id bigint not null
);

create table gone (
    entity_type entity_type not null,
    catalog_id bigint not null,
    entity_id bigint not null
);

create table closed (
    entity_type entity_type not null
);
