-- title: Catalog elements linked wrongly
-- group: Catalogs
-- question: Which links to catalog elements have no quantity, no price, or too many of something?
-- definition: One row for each live link of a card and a catalog element and each of its problems:
--   «quantity not above 0»; «no quantity» (the CRM told none); «no price» (the CRM told none, though
--   another live link of the catalog carries one: where none does, the account keeps no prices, and
--   a missing one counts only if unpriced_catalogs asks for it). And one row for each element with
--   a problem of its own: «linked to several cards» though its catalog is said to allow one
--   (`can_link_multiple` is false, not merely unknown); «several prices», when its live links carry
--   two or more distinct prices. An element is known by catalog and id together; elements of an
--   unknown catalog (0) have no problems of their own, as one id may be several. An element or a
--   card that cannot be read is one nevertheless; links of deleted ones do not count.
--   Cards are leads, customers, contacts and companies. In order: by kind, as listed under `kind`;
--   by catalog, element, type of the card (leads, customers, contacts, companies) and its id.
-- parameters:
--   unpriced_catalogs boolean = no: Whether a missing price counts also where no live link of the
--     catalog carries a price
-- columns:
--   kind: «linked to several cards», «several prices», «quantity not above 0», «no quantity» or
--     «no price»
--   element_ref: The element
--   element_name: Its name
--   element_url: Its address in the CRM; none for an element of unknown catalog
--   catalog_id: Its catalog; 0 where it is not known
--   catalog_name: Its name
--   owner_ref: The card of the link; where the problem is the element's, the first that has it: leads
--     before customers, contacts and companies, then the lowest id
--   owner_name: Its name
--   owner_url: Its address in the CRM
--   last_owner_ref: Where the problem is the element's, the last card that has it
--   last_owner_name: Its name
--   last_owner_url: Its address in the CRM
--   quantity: Quantity of the link; empty where the problem is the element's
--   price: Id of the link's price field; empty where the problem is the element's
--   cards: Where the problem is the element's, how many cards have it
--   prices: Where the problem is the element's, how many distinct prices its links carry
-- problem: problems of linked catalog elements
with held as (
    select
        catalog_id, element_id, owner_id, quantity, price_id,
        case owner_type when 'lead' then 1 when 'customer' then 2 when 'contact' then 3 else 4
        end as owner_place
    from element_links
),
priced as (
    select catalog_id
    from held
    where price_id is not null
    group by catalog_id
),
lacking as (
    select
        case when quantity <= 0 then 3 else 4 end as kind_place, catalog_id, element_id,
        owner_place, owner_id, quantity, price_id
    from held
    where quantity is null or quantity <= 0
    union all
    select 5, h.catalog_id, h.element_id, h.owner_place, h.owner_id, h.quantity, h.price_id
    from held as h
    left join priced as p on p.catalog_id = h.catalog_id
    where h.price_id is null and ($unpriced_catalogs or p.catalog_id is not null)
),
torn as (
    select 1 as kind_place, h.catalog_id, h.element_id
    from held as h
    join catalogs as c on c.catalog_id = h.catalog_id and not c.can_link_multiple
    where h.catalog_id <> 0
    group by h.catalog_id, h.element_id
    having count(*) > 1
    union all
    select 2, catalog_id, element_id
    from held
    where price_id is not null and catalog_id <> 0
    group by catalog_id, element_id
    having min(price_id) < max(price_id)
),
-- The first and the last owner by type and id: a window over them takes ten times as long.
spread as (
    select
        t.kind_place, t.catalog_id, t.element_id,
        min(case when h.owner_place = 1 then h.owner_id end) as first_lead_id,
        min(case when h.owner_place = 2 then h.owner_id end) as first_customer_id,
        min(case when h.owner_place = 3 then h.owner_id end) as first_contact_id,
        min(case when h.owner_place = 4 then h.owner_id end) as first_company_id,
        max(case when h.owner_place = 1 then h.owner_id end) as last_lead_id,
        max(case when h.owner_place = 2 then h.owner_id end) as last_customer_id,
        max(case when h.owner_place = 3 then h.owner_id end) as last_contact_id,
        max(case when h.owner_place = 4 then h.owner_id end) as last_company_id,
        count(*) as cards, count(distinct h.price_id) as prices
    from torn as t
    join held as h on h.catalog_id = t.catalog_id and h.element_id = t.element_id
    group by t.kind_place, t.catalog_id, t.element_id
),
problem as (
    select
        kind_place, catalog_id, element_id,
        case
            when first_lead_id is not null then 1
            when first_customer_id is not null then 2
            when first_contact_id is not null then 3
            else 4
        end as owner_place,
        coalesce(first_lead_id, first_customer_id, first_contact_id, first_company_id) as owner_id,
        case
            when last_company_id is not null then 4
            when last_contact_id is not null then 3
            when last_customer_id is not null then 2
            else 1
        end as last_place,
        coalesce(last_company_id, last_contact_id, last_customer_id, last_lead_id) as last_id,
        cast(null as double) as quantity, cast(null as bigint) as price, cards, prices
    from spread
    union all
    select
        kind_place, catalog_id, element_id, owner_place, owner_id, null, null, quantity, price_id,
        null, null
    from lacking
),
-- The names are picked out first: joined as they are, every name of the account would be hashed.
named as (
    select owner_place as place, owner_id as id from problem
    union
    select last_place, last_id from problem
),
names as (
    select 1 as place, lead_id as id, name
    from leads where lead_id in (select id from named where place = 1)
    union all
    select 2, customer_id, name
    from customers where customer_id in (select id from named where place = 2)
    union all
    select 3, contact_id, name
    from contacts where contact_id in (select id from named where place = 3)
    union all
    select 4, company_id, name
    from companies where company_id in (select id from named where place = 4)
)
select
    case p.kind_place
        when 1 then 'linked to several cards'
        when 2 then 'several prices'
        when 3 then 'quantity not above 0'
        when 4 then 'no quantity'
        else 'no price'
    end as kind,
    'element:' || p.catalog_id || '/' || p.element_id as element_ref,
    e.name as element_name,
    case when p.catalog_id <> 0
        then m.base_url || '/catalogs/' || p.catalog_id || '/detail/' || p.element_id
    end as element_url,
    p.catalog_id,
    c.name as catalog_name,
    case p.owner_place
        when 1 then 'lead:' when 2 then 'customer:' when 3 then 'contact:' else 'company:'
    end || p.owner_id as owner_ref,
    o.name as owner_name,
    m.base_url || case p.owner_place
        when 1 then '/leads' when 2 then '/customers' when 3 then '/contacts' else '/companies'
    end || '/detail/' || p.owner_id as owner_url,
    case p.last_place
        when 1 then 'lead:' when 2 then 'customer:' when 3 then 'contact:' else 'company:'
    end || p.last_id as last_owner_ref,
    z.name as last_owner_name,
    m.base_url || case p.last_place
        when 1 then '/leads' when 2 then '/customers' when 3 then '/contacts' else '/companies'
    end || '/detail/' || p.last_id as last_owner_url,
    p.quantity,
    p.price,
    p.cards,
    p.prices
from problem as p
cross join meta as m
left join elements as e on e.catalog_id = p.catalog_id and e.element_id = p.element_id
left join catalogs as c on c.catalog_id = p.catalog_id
left join names as o on o.place = p.owner_place and o.id = p.owner_id
left join names as z on z.place = p.last_place and z.id = p.last_id
order by p.kind_place, p.catalog_id, p.element_id, p.owner_place, p.owner_id;
