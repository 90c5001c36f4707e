-- title: Elements that go together
-- group: Catalogs
-- question: Which catalog elements are linked to the same cards?
-- definition: Pairs of catalog elements, of one catalog or of two, that are linked to at least
--   min_times common owners: the one with the lower catalog id, then the lower id, comes first. An
--   owner is a lead, customer, contact or company. Quantities do not matter. Lift compares with
--   chance: the common owners times all owners that have any element, divided by the owners of one
--   element times the owners of the other; above 1 they go together more than by chance. Owners of
--   more than hub_cap elements are cut: no figure counts them, and they are returned beside the
--   answer. Pairs of most common owners come first, of equals the higher lift, then by the
--   catalogs and ids of the first, then of the second element.
-- parameters:
--   min_times integer = 3 (1..): Fewest common owners that make a pair
--   owners text = any (any | lead | customer | contact | company): Which owners count at all
--   hub_cap integer = 50 (2..): Most elements that an owner may have before it is cut
-- columns:
--   element_a_ref: The first element
--   element_a_name: Its name
--   element_a_url: Its address in the CRM; empty where its catalog is not known
--   element_b_ref: The second element
--   element_b_name: Its name
--   element_b_url: Its address in the CRM; empty where its catalog is not known
--   times: How many owners have both
--   owners_a: How many owners have the first
--   owners_b: How many owners have the second
--   lift: How many times as often as by chance they go together
with links as (
    select owner_type, owner_id, catalog_id, element_id
    from element_links
    where $owners = 'any' or owner_type = $owners
),
breadths as (
    select owner_type, owner_id, count(*) as elements
    from links
    group by owner_type, owner_id
),
total as (
    select count(*) as owners
    from breadths
    where elements <= $hub_cap
),
hubs as (
    select owner_type, owner_id
    from breadths
    where elements > $hub_cap
),
sizes as (
    select l.catalog_id, l.element_id, count(*) as owners
    from links as l
    left join hubs as h on h.owner_id = l.owner_id and h.owner_type = l.owner_type
    where h.owner_id is null
    group by l.catalog_id, l.element_id
),
-- most owners have one element, which makes no pair
kept as (
    select l.owner_type, l.owner_id, l.catalog_id, l.element_id
    from links as l
    join breadths as o on o.owner_id = l.owner_id and o.owner_type = l.owner_type
    where o.elements > 1 and o.elements <= $hub_cap
),
pairs as (
    select
        a.catalog_id as catalog_a_id, a.element_id as element_a_id,
        b.catalog_id as catalog_b_id, b.element_id as element_b_id,
        count(*) as times
    from kept as a
    join kept as b
        on b.owner_id = a.owner_id and b.owner_type = a.owner_type
        and (
            b.catalog_id > a.catalog_id
            or (b.catalog_id = a.catalog_id and b.element_id > a.element_id)
        )
    group by a.catalog_id, a.element_id, b.catalog_id, b.element_id
    having count(*) >= $min_times
)
select
    'element:' || p.catalog_a_id || '/' || p.element_a_id as element_a_ref,
    a.name as element_a_name,
    case
        when p.catalog_a_id > 0
            then m.base_url || '/catalogs/' || p.catalog_a_id || '/detail/' || p.element_a_id
    end as element_a_url,
    'element:' || p.catalog_b_id || '/' || p.element_b_id as element_b_ref,
    b.name as element_b_name,
    case
        when p.catalog_b_id > 0
            then m.base_url || '/catalogs/' || p.catalog_b_id || '/detail/' || p.element_b_id
    end as element_b_url,
    p.times,
    x.owners as owners_a,
    y.owners as owners_b,
    cast(p.times * t.owners as double) / (x.owners * y.owners) as lift
from pairs as p
cross join meta as m
cross join total as t
join sizes as x on x.catalog_id = p.catalog_a_id and x.element_id = p.element_a_id
join sizes as y on y.catalog_id = p.catalog_b_id and y.element_id = p.element_b_id
left join elements as a on a.catalog_id = p.catalog_a_id and a.element_id = p.element_a_id
left join elements as b on b.catalog_id = p.catalog_b_id and b.element_id = p.element_b_id
order by
    p.times desc, lift desc, p.catalog_a_id, p.element_a_id, p.catalog_b_id, p.element_b_id;

-- cut: Owners of more than hub_cap elements
with hubs as (
    select owner_type, owner_id, count(*) as elements
    from element_links
    where $owners = 'any' or owner_type = $owners
    group by owner_type, owner_id
    having count(*) > $hub_cap
)
select
    h.owner_type || ':' || h.owner_id as owner_ref,
    coalesce(l.name, u.name, c.name, k.name) as owner_name,
    m.base_url
    || case h.owner_type
        when 'lead' then '/leads'
        when 'customer' then '/customers'
        when 'contact' then '/contacts'
        else '/companies'
    end
    || '/detail/' || h.owner_id as owner_url,
    h.elements
from hubs as h
cross join meta as m
left join leads as l on l.lead_id = case when h.owner_type = 'lead' then h.owner_id end
left join customers as u
    on u.customer_id = case when h.owner_type = 'customer' then h.owner_id end
left join contacts as c on c.contact_id = case when h.owner_type = 'contact' then h.owner_id end
left join companies as k on k.company_id = case when h.owner_type = 'company' then h.owner_id end
order by
    h.elements desc,
    case h.owner_type
        when 'lead' then 1
        when 'customer' then 2
        when 'contact' then 3
        else 4
    end,
    h.owner_id;
