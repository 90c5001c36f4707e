-- The tables of a snapshot, for people who write SQL.
-- `{base_url}` is replaced by the account's address as a quoted literal when a snapshot is built.
-- Times are UTC. Types and relations are ENUMs: compare them with plain strings.
-- No primary keys: DuckDB would index them (5-8 times the file); sorting is the index here.

create type entity_type as enum ('lead', 'customer', 'contact', 'company', 'element');
create type relation as enum (
    'lead_contact', 'lead_company', 'contact_company', 'customer_contact', 'customer_company',
    'lead_element', 'contact_element', 'company_element', 'customer_element', 'other'
);
create type seen_from as enum ('both', 'lead', 'customer', 'contact', 'company');

-- Cards -------------------------------------------------------------------------------------

create table leads (
    lead_id bigint not null,
    name varchar,
    price double,
    pipeline_id bigint,
    status_id bigint,
    responsible_user_id bigint,
    created_at timestamp,
    updated_at timestamp,
    closed_at timestamp,
    is_deleted boolean not null,
    tags varchar[],
    custom_fields json,
    read_at timestamp,
    links_read_at timestamp,
    links_whole boolean,
    url varchar generated always as ({base_url} || '/leads/detail/' || lead_id) virtual
);
comment on table leads is 'Leads, one row a card, sorted by lead_id; deleted ones stay with is_deleted';
comment on column leads.lead_id is 'Id of the lead in the CRM';
comment on column leads.name is 'Name as typed';
comment on column leads.price is 'Price in the account''s currency';
comment on column leads.pipeline_id is 'Pipeline it stands in: pipelines';
comment on column leads.status_id is 'Status it stands in: statuses; 142 is won, 143 is lost';
comment on column leads.responsible_user_id is 'Responsible user: users';
comment on column leads.created_at is 'When it was created (UTC)';
comment on column leads.updated_at is 'When it was last updated (UTC); links may change without it';
comment on column leads.closed_at is 'When it was closed (UTC); NULL while open';
comment on column leads.is_deleted is 'True for a tombstone: the card is gone from the CRM';
comment on column leads.tags is 'Names of its tags';
comment on column leads.custom_fields is 'Custom fields as the API gives them (JSON array)';
comment on column leads.read_at is 'When the card itself was last read (UTC)';
comment on column leads.links_read_at is 'When its links were last read (UTC); NULL: never';
comment on column leads.links_whole is 'Whether that read of its links was proved whole';
comment on column leads.url is 'Address of the card in the CRM';

create table contacts (
    contact_id bigint not null,
    name varchar,
    first_name varchar,
    last_name varchar,
    responsible_user_id bigint,
    created_at timestamp,
    updated_at timestamp,
    is_deleted boolean not null,
    tags varchar[],
    custom_fields json,
    read_at timestamp,
    links_read_at timestamp,
    links_whole boolean,
    url varchar generated always as ({base_url} || '/contacts/detail/' || contact_id) virtual
);
comment on table contacts is 'Contacts, one row a card, sorted by contact_id; deleted ones stay with is_deleted';
comment on column contacts.contact_id is 'Id of the contact in the CRM';
comment on column contacts.name is 'Name as typed';
comment on column contacts.first_name is 'First name';
comment on column contacts.last_name is 'Last name';
comment on column contacts.responsible_user_id is 'Responsible user: users';
comment on column contacts.created_at is 'When it was created (UTC)';
comment on column contacts.updated_at is 'When it was last updated (UTC); links may change without it';
comment on column contacts.is_deleted is 'True for a tombstone: the card is gone from the CRM';
comment on column contacts.tags is 'Names of its tags';
comment on column contacts.custom_fields is 'Custom fields as the API gives them (JSON array)';
comment on column contacts.read_at is 'When the card itself was last read (UTC)';
comment on column contacts.links_read_at is 'When its links were last read (UTC); NULL: never';
comment on column contacts.links_whole is 'Whether that read of its links was proved whole';
comment on column contacts.url is 'Address of the card in the CRM';

create table companies (
    company_id bigint not null,
    name varchar,
    responsible_user_id bigint,
    created_at timestamp,
    updated_at timestamp,
    is_deleted boolean not null,
    tags varchar[],
    custom_fields json,
    read_at timestamp,
    links_read_at timestamp,
    links_whole boolean,
    url varchar generated always as ({base_url} || '/companies/detail/' || company_id) virtual
);
comment on table companies is 'Companies, one row a card, sorted by company_id; deleted ones stay with is_deleted';
comment on column companies.company_id is 'Id of the company in the CRM';
comment on column companies.name is 'Name as typed';
comment on column companies.responsible_user_id is 'Responsible user: users';
comment on column companies.created_at is 'When it was created (UTC)';
comment on column companies.updated_at is 'When it was last updated (UTC); links may change without it';
comment on column companies.is_deleted is 'True for a tombstone: the card is gone from the CRM';
comment on column companies.tags is 'Names of its tags';
comment on column companies.custom_fields is 'Custom fields as the API gives them (JSON array)';
comment on column companies.read_at is 'When the card itself was last read (UTC)';
comment on column companies.links_read_at is 'When its links were last read (UTC); NULL: never';
comment on column companies.links_whole is 'Whether that read of its links was proved whole';
comment on column companies.url is 'Address of the card in the CRM';

create table customers (
    customer_id bigint not null,
    name varchar,
    next_price double,
    next_date timestamp,
    status_id bigint,
    ltv double,
    purchases_count bigint,
    average_check double,
    responsible_user_id bigint,
    created_at timestamp,
    updated_at timestamp,
    is_deleted boolean not null,
    tags varchar[],
    custom_fields json,
    read_at timestamp,
    links_read_at timestamp,
    links_whole boolean,
    url varchar generated always as ({base_url} || '/customers/detail/' || customer_id) virtual
);
comment on table customers is 'Customers, one row a card, sorted by customer_id; deleted ones stay with is_deleted';
comment on column customers.customer_id is 'Id of the customer in the CRM';
comment on column customers.name is 'Name as typed';
comment on column customers.next_price is 'Expected amount of the next purchase';
comment on column customers.next_date is 'Expected date of the next purchase (UTC)';
comment on column customers.status_id is 'Status of the customer';
comment on column customers.ltv is 'Sum of all purchases';
comment on column customers.purchases_count is 'Number of purchases';
comment on column customers.average_check is 'Mean amount of a purchase';
comment on column customers.responsible_user_id is 'Responsible user: users';
comment on column customers.created_at is 'When it was created (UTC)';
comment on column customers.updated_at is 'When it was last updated (UTC); links may change without it';
comment on column customers.is_deleted is 'True for a tombstone: the card is gone from the CRM';
comment on column customers.tags is 'Names of its tags';
comment on column customers.custom_fields is 'Custom fields as the API gives them (JSON array)';
comment on column customers.read_at is 'When the card itself was last read (UTC)';
comment on column customers.links_read_at is 'When its links were last read (UTC); NULL: never';
comment on column customers.links_whole is 'Whether that read of its links was proved whole';
comment on column customers.url is 'Address of the card in the CRM';

create table elements (
    catalog_id bigint not null,
    element_id bigint not null,
    name varchar,
    created_at timestamp,
    updated_at timestamp,
    is_deleted boolean not null,
    custom_fields json,
    read_at timestamp,
    url varchar generated always as ({base_url} || '/catalogs/' || catalog_id || '/detail/' || element_id) virtual
);
comment on table elements is 'Catalog elements, known by catalog_id and element_id together, sorted by both';
comment on column elements.catalog_id is 'Catalog it belongs to: catalogs';
comment on column elements.element_id is 'Id of the element within its catalog';
comment on column elements.name is 'Name as typed';
comment on column elements.created_at is 'When it was created (UTC)';
comment on column elements.updated_at is 'When it was last updated (UTC)';
comment on column elements.is_deleted is 'True for a tombstone: the element is gone from the CRM';
comment on column elements.custom_fields is 'Custom fields as the API gives them (JSON array)';
comment on column elements.read_at is 'When the element was last read (UTC)';
comment on column elements.url is 'Address of the element in the CRM';

create table catalogs (
    catalog_id bigint not null,
    name varchar,
    type varchar,
    can_link_multiple boolean
);
comment on table catalogs is 'Catalogs (lists) of the account';
comment on column catalogs.catalog_id is 'Id of the catalog';
comment on column catalogs.name is 'Name as typed';
comment on column catalogs.type is 'regular, invoices, products or suppliers';
comment on column catalogs.can_link_multiple is 'Whether one element may be linked to several cards';

create table identifiers (
    kind varchar not null,
    value varchar not null,
    normalised varchar,
    label varchar,
    entity_type entity_type not null,
    entity_id bigint not null
);
comment on table identifiers is 'Phones and e-mails of contacts and companies, one row a value, or one for each where it holds several';
comment on column identifiers.kind is 'phone or email';
comment on column identifiers.value is 'As typed in the CRM';
comment on column identifiers.normalised is 'Phone in E.164 (;ext=12 behind it for an extension), e-mail in lower case; NULL where it is neither';
comment on column identifiers.label is 'WORK, HOME, MOB … as chosen in the CRM';
comment on column identifiers.entity_type is 'contact or company';
comment on column identifiers.entity_id is 'The card that carries it';

create table users (
    user_id bigint not null,
    name varchar,
    email varchar,
    is_active boolean
);
comment on table users is 'Users of the account, as far as the token may see them';
comment on column users.user_id is 'Id of the user';
comment on column users.name is 'Full name';
comment on column users.email is 'E-mail that the user signs in with';
comment on column users.is_active is 'False for a user who was switched off';

create table pipelines (
    pipeline_id bigint not null,
    name varchar,
    sort bigint,
    is_archive boolean
);
comment on table pipelines is 'Lead pipelines';
comment on column pipelines.pipeline_id is 'Id of the pipeline';
comment on column pipelines.name is 'Name as typed';
comment on column pipelines.sort is 'Place among the pipelines';
comment on column pipelines.is_archive is 'Whether it is archived';

create table statuses (
    pipeline_id bigint not null,
    status_id bigint not null,
    name varchar,
    sort bigint,
    type bigint,
    is_unsorted boolean not null,
    is_closed boolean not null
);
comment on table statuses is 'Statuses of the pipelines; 142 (won) and 143 (lost) stand in each';
comment on column statuses.pipeline_id is 'Pipeline it belongs to';
comment on column statuses.status_id is 'Id of the status, unique only within its pipeline';
comment on column statuses.name is 'Name as typed';
comment on column statuses.sort is 'Place in the pipeline';
comment on column statuses.type is 'As the API says: 1 is the status of incoming leads';
comment on column statuses.is_unsorted is 'Whether leads in it are incoming, not yet accepted';
comment on column statuses.is_closed is 'Whether leads in it are won (142) or lost (143)';

-- Links -------------------------------------------------------------------------------------

create table links (
    entity_type entity_type not null,
    entity_id bigint not null,
    to_entity_type entity_type not null,
    to_catalog_id bigint not null,
    to_entity_id bigint not null,
    is_main boolean,
    quantity double,
    price_id bigint
);
comment on table links is 'Links as the API reported them: one row for each side that told of it';
comment on column links.entity_type is 'Type of the card that was asked';
comment on column links.entity_id is 'Id of the card that was asked';
comment on column links.to_entity_type is 'Type of the card at the other end';
comment on column links.to_catalog_id is 'Catalog of an element at the other end, else 0; 0 for an element of unknown catalog';
comment on column links.to_entity_id is 'Id of the card at the other end';
comment on column links.is_main is 'main_contact as reported; NULL: nothing was said, which is not false';
comment on column links.quantity is 'Quantity of a catalog element';
comment on column links.price_id is 'Price field that is set for a catalog element';

create table edges (
    relation relation not null,
    from_type entity_type not null,
    from_id bigint not null,
    to_type entity_type not null,
    to_catalog_id bigint not null,
    to_id bigint not null,
    is_main boolean,
    quantity double,
    price_id bigint,
    seen_from seen_from not null,
    is_live boolean not null
);
comment on table edges is 'One row a link, owner first, both sides'' reports merged; sorted by relation and owner';
comment on column edges.relation is 'Kind of link, named owner first';
comment on column edges.from_type is 'Type of the owner: lead before customer before contact before company';
comment on column edges.from_id is 'Id of the owner';
comment on column edges.to_type is 'Type of the other end';
comment on column edges.to_catalog_id is 'Catalog of an element at the other end, else 0';
comment on column edges.to_id is 'Id of the other end';
comment on column edges.is_main is 'Whether the contact is the owner''s main one; NULL: the CRM did not say';
comment on column edges.quantity is 'Quantity of a catalog element';
comment on column edges.price_id is 'Price field that is set for a catalog element';
comment on column edges.seen_from is 'Which side reported it: both, or the type of the one that did';
comment on column edges.is_live is 'False when one end is known to be deleted';

create table adjacency (
    type entity_type not null,
    id bigint not null,
    catalog_id bigint not null,
    to_type entity_type not null,
    to_id bigint not null,
    to_catalog_id bigint not null,
    relation relation not null,
    is_main boolean,
    quantity double,
    price_id bigint,
    is_live boolean not null
);
comment on table adjacency is 'Every edge from both ends, sorted by type and id: the fast way to a card''s neighbours';
comment on column adjacency.type is 'Type of the card';
comment on column adjacency.id is 'Id of the card';
comment on column adjacency.catalog_id is 'Catalog of the card when it is an element, else 0';
comment on column adjacency.to_type is 'Type of the neighbour';
comment on column adjacency.to_id is 'Id of the neighbour';
comment on column adjacency.to_catalog_id is 'Catalog of the neighbour when it is an element, else 0';
comment on column adjacency.relation is 'Kind of link';
comment on column adjacency.is_main is 'Whether the contact of this link is the owner''s main one';
comment on column adjacency.quantity is 'Quantity of a catalog element';
comment on column adjacency.price_id is 'Price field that is set for a catalog element';
comment on column adjacency.is_live is 'False when one end is known to be deleted';

create table unreadable (
    entity_type entity_type not null,
    catalog_id bigint not null,
    entity_id bigint not null,
    reason varchar not null,
    seen_at timestamp not null
);
comment on table unreadable is 'Cards that links name but that could not be read: not the same as absent';
comment on column unreadable.entity_type is 'Type of the card';
comment on column unreadable.catalog_id is 'Catalog when it is an element, else 0';
comment on column unreadable.entity_id is 'Id of the card';
comment on column unreadable.reason is 'not found, no rights, or not asked';
comment on column unreadable.seen_at is 'When that was found (UTC)';

-- About the snapshot ------------------------------------------------------------------------

create table meta (
    schema_version integer not null,
    snapshot bigint not null,
    account_id bigint,
    account_name varchar,
    base_url varchar not null,
    phone_country varchar not null,
    taken_at timestamp not null,
    linkgraph_version varchar not null
);
comment on table meta is 'One row: what this snapshot is';
comment on column meta.schema_version is 'Version of these tables';
comment on column meta.snapshot is 'Number of the snapshot, which is its sync''s number';
comment on column meta.account_id is 'Id of the account in the CRM';
comment on column meta.account_name is 'Name of the account in the CRM';
comment on column meta.base_url is 'Address of the account';
comment on column meta.phone_country is 'Country (ISO 3166) whose rules read phones without a country code';
comment on column meta.taken_at is 'When the sync that made it began to read (UTC)';
comment on column meta.linkgraph_version is 'Version of linkgraph that made it';

create table syncs (
    sync_id bigint not null,
    kind varchar not null,
    started_at timestamp not null,
    finished_at timestamp not null,
    requests bigint not null,
    cards bigint not null,
    edges bigint not null,
    disagreements bigint not null,
    not_whole bigint not null
);
comment on table syncs is 'One row a published sync, this snapshot''s own last';
comment on column syncs.sync_id is 'Number of the sync and of its snapshot';
comment on column syncs.kind is 'full; cards: of named cards; push: of the links that a push wrote';
comment on column syncs.started_at is 'When it began to read (UTC)';
comment on column syncs.finished_at is 'When it was ready to be published (UTC)';
comment on column syncs.requests is 'Requests it sent, over all its runs if it was resumed';
comment on column syncs.cards is 'Cards whose links it read';
comment on column syncs.edges is 'Edges in the snapshot that it published';
comment on column syncs.disagreements is 'Edges whose two sides told different metadata; the owner''s stands';
comment on column syncs.not_whole is 'Cards whose links could not be proved whole; nothing of theirs was removed';

create table sync_counts (
    sync_id bigint not null,
    entity_type entity_type not null,
    cards bigint not null,
    links_expected bigint,
    links_received bigint not null,
    links_embedded bigint
);
comment on table sync_counts is 'What each sync expected and what came, by type of the card that was asked';
comment on column sync_counts.sync_id is 'Number of the sync';
comment on column sync_counts.entity_type is 'Type of the cards that were asked for their links';
comment on column sync_counts.cards is 'Cards whose links were read';
comment on column sync_counts.links_expected is 'Links that the mass lists announced; NULL where they announce none';
comment on column sync_counts.links_received is 'Links that the mass lists held';
comment on column sync_counts.links_embedded is 'Links that the card lists embedded: the second witness; NULL where none were read';

create table sync_changes (
    sync_id bigint not null,
    relation relation not null,
    added bigint not null,
    removed bigint not null,
    changed bigint not null
);
comment on table sync_changes is 'What each sync changed against the snapshot before it, by kind of link';
comment on column sync_changes.sync_id is 'Number of the sync';
comment on column sync_changes.relation is 'Kind of link';
comment on column sync_changes.added is 'Edges that were not there before';
comment on column sync_changes.removed is 'Edges that are gone';
comment on column sync_changes.changed is 'Edges whose main flag, quantity or price changed';

-- Views -------------------------------------------------------------------------------------
-- A plain string would be compared with every relation's name, and block by block nothing skipped.

create view lead_contacts as
select from_id as lead_id, to_id as contact_id, is_main, seen_from
from edges where relation = 'lead_contact'::relation and is_live;
comment on view lead_contacts is 'LC: live links of leads and contacts';

create view lead_companies as
select from_id as lead_id, to_id as company_id, seen_from
from edges where relation = 'lead_company'::relation and is_live;
comment on view lead_companies is 'LK: live links of leads and companies';

create view contact_companies as
select from_id as contact_id, to_id as company_id, seen_from
from edges where relation = 'contact_company'::relation and is_live;
comment on view contact_companies is 'CK: live links of contacts and companies';

create view customer_contacts as
select from_id as customer_id, to_id as contact_id, is_main, seen_from
from edges where relation = 'customer_contact'::relation and is_live;
comment on view customer_contacts is 'UC: live links of customers and contacts';

create view customer_companies as
select from_id as customer_id, to_id as company_id, seen_from
from edges where relation = 'customer_company'::relation and is_live;
comment on view customer_companies is 'UK: live links of customers and companies';

create view element_links as
select
    from_type as owner_type, from_id as owner_id, to_catalog_id as catalog_id,
    to_id as element_id, quantity, price_id, seen_from
from edges
where
    relation in (
        'lead_element'::relation, 'contact_element'::relation, 'company_element'::relation,
        'customer_element'::relation
    )
    and is_live;
comment on view element_links is 'XE: live links of cards and catalog elements, with quantity and price';

create view cards as
select
    'lead'::entity_type as type, 0::bigint as catalog_id, lead_id as id, name, is_deleted,
    updated_at, url
from leads
union all
select 'customer', 0, customer_id, name, is_deleted, updated_at, url from customers
union all
select 'contact', 0, contact_id, name, is_deleted, updated_at, url from contacts
union all
select 'company', 0, company_id, name, is_deleted, updated_at, url from companies
union all
select 'element', catalog_id, element_id, name, is_deleted, updated_at, url from elements;
comment on view cards is 'All cards of every type with what they have in common';
comment on column lead_contacts.lead_id is 'The lead';
comment on column lead_contacts.contact_id is 'The contact';
comment on column lead_contacts.is_main is 'Whether it is the lead''s main contact; NULL: the CRM did not say';
comment on column lead_contacts.seen_from is 'Which side reported it: both, lead or contact';
comment on column lead_companies.lead_id is 'The lead';
comment on column lead_companies.company_id is 'The company';
comment on column lead_companies.seen_from is 'Which side reported it: both, lead or company';
comment on column contact_companies.contact_id is 'The contact';
comment on column contact_companies.company_id is 'The company';
comment on column contact_companies.seen_from is 'Which side reported it: both, contact or company';
comment on column customer_contacts.customer_id is 'The customer';
comment on column customer_contacts.contact_id is 'The contact';
comment on column customer_contacts.is_main is 'Whether it is the customer''s main contact; NULL: the CRM did not say';
comment on column customer_contacts.seen_from is 'Which side reported it: both, customer or contact';
comment on column customer_companies.customer_id is 'The customer';
comment on column customer_companies.company_id is 'The company';
comment on column customer_companies.seen_from is 'Which side reported it: both, customer or company';
comment on column element_links.owner_type is 'Type of the card that has the element';
comment on column element_links.owner_id is 'Id of the card that has the element';
comment on column element_links.catalog_id is 'Catalog of the element';
comment on column element_links.element_id is 'The element, within its catalog';
comment on column element_links.quantity is 'How many; NULL: the CRM did not say';
comment on column element_links.price_id is 'Price field set for it; NULL: none';
comment on column element_links.seen_from is 'The type of the owner, which alone reports it';
comment on column cards.type is 'Type of the card';
comment on column cards.catalog_id is 'Catalog of an element, else 0';
comment on column cards.id is 'Id of the card';
comment on column cards.name is 'Name as typed';
comment on column cards.is_deleted is 'True for a tombstone';
comment on column cards.updated_at is 'When it was last updated (UTC)';
comment on column cards.url is 'Address of the card in the CRM';
