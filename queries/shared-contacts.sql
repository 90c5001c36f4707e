-- title: Contacts that two companies share
-- group: Companies
-- question: Who touches both of these companies, and by which ways?
-- definition: Contacts that touch both companies, one row each however many ways lead to them. A
--   contact touches a company when it is linked to it, or when one lead or one customer is linked
--   to both. Nobody is cut, so that contacts may be listed here which companies-sharing-contacts
--   cuts as hubs: `companies` tells. The leads and customers of a company are those that are
--   linked to it and to the contact; one that is linked to both companies is listed for both. A
--   company that is compared with itself shares all its contacts. Contacts of most leads, those of
--   both companies added up, come first, then by their ids.
-- parameters:
--   a card (company): One company
--   b card (company): The other company
-- columns:
--   contact_id: The contact
--   contact_name: Its name
--   contact_url: Its address in the CRM
--   companies: How many companies it touches, these two included
--   routes_a: How it touches company a: those of «direct», «leads» and «customers» that are so, in
--     this order, with «, » between
--   leads_a: How many leads join it to company a
--   main_leads_a: In how many of them it is the main contact
--   lead_list_a: Those of them with the five lowest ids, as «name (id, main)», «name (id, not
--     main)», or «name (id)» where the CRM did not say; names are cut after 80 letters, and a card
--     without one is «(id, main)» and so on; «, » between
--   customers_a: How many customers join it to company a
--   customer_list_a: Those of them with the five lowest ids, written like the leads
--   routes_b: How it touches company b
--   leads_b: How many leads join it to company b
--   main_leads_b: In how many of them it is the main contact
--   lead_list_b: Those of them with the five lowest ids
--   customers_b: How many customers join it to company b
--   customer_list_b: Those of them with the five lowest ids
with side as (
    select 'a' as side, cast($a as bigint) as company_id
    union all
    select 'b', cast($b as bigint)
),
-- every way from a contact to one of the two
way as (
    select s.side, ck.contact_id, 'direct' as kind, null as card_id, null as is_main
    from side as s
    join contact_companies as ck on ck.company_id = s.company_id
    union all
    select s.side, lc.contact_id, 'lead', lc.lead_id, lc.is_main
    from side as s
    join lead_companies as lk on lk.company_id = s.company_id
    join lead_contacts as lc on lc.lead_id = lk.lead_id
    union all
    select s.side, uc.contact_id, 'customer', uc.customer_id, uc.is_main
    from side as s
    join customer_companies as uk on uk.company_id = s.company_id
    join customer_contacts as uc on uc.customer_id = uk.customer_id
),
shared as (
    select contact_id
    from way
    group by contact_id
    having min(side) < max(side)
),
-- all that these contacts touch
touched as (
    select s.contact_id, ck.company_id
    from shared as s
    join contact_companies as ck on ck.contact_id = s.contact_id
    union
    select s.contact_id, lk.company_id
    from shared as s
    join lead_contacts as lc on lc.contact_id = s.contact_id
    join lead_companies as lk on lk.lead_id = lc.lead_id
    union
    select s.contact_id, uk.company_id
    from shared as s
    join customer_contacts as uc on uc.contact_id = s.contact_id
    join customer_companies as uk on uk.customer_id = uc.customer_id
),
breadths as (
    select contact_id, count(*) as companies
    from touched
    group by contact_id
),
placed as (
    select
        w.side, w.contact_id, w.kind, w.card_id, w.is_main,
        row_number() over (
            partition by w.side, w.contact_id, w.kind order by w.card_id
        ) as place
    from way as w
    join shared as s on s.contact_id = w.contact_id
),
named as (
    select
        p.side, p.contact_id, p.kind, p.card_id, p.is_main, p.place,
        coalesce(left(nullif(coalesce(l.name, u.name), ''), 80) || ' ', '') || '(' || p.card_id
        || case when p.is_main then ', main' when not p.is_main then ', not main' else '' end
        || ')' as line
    from placed as p
    left join leads as l
        on l.lead_id = case when p.kind = 'lead' and p.place <= 5 then p.card_id end
    left join customers as u
        on u.customer_id = case when p.kind = 'customer' and p.place <= 5 then p.card_id end
),
routes as (
    select
        side, contact_id,
        max(case when kind = 'direct' then 1 else 0 end) as direct,
        sum(case when kind = 'lead' then 1 else 0 end) as leads,
        sum(case when kind = 'customer' then 1 else 0 end) as customers,
        sum(case when kind = 'lead' and is_main then 1 else 0 end) as main_leads,
        string_agg(
            case when kind = 'lead' and place <= 5 then line end, ', ' order by card_id
        ) as lead_list,
        string_agg(
            case when kind = 'customer' and place <= 5 then line end, ', ' order by card_id
        ) as customer_list
    from named
    group by side, contact_id
),
worded as (
    select
        side, contact_id, cast(leads as bigint) as leads, cast(main_leads as bigint) as main_leads,
        cast(customers as bigint) as customers, lead_list, customer_list,
        case when direct = 1 then 'direct' else '' end
        || case when direct = 1 and leads > 0 then ', ' else '' end
        || case when leads > 0 then 'leads' else '' end
        || case when direct + leads > 0 and customers > 0 then ', ' else '' end
        || case when customers > 0 then 'customers' else '' end as routes
    from routes
)
select
    a.contact_id,
    k.name as contact_name,
    m.base_url || '/contacts/detail/' || a.contact_id as contact_url,
    n.companies,
    a.routes as routes_a,
    a.leads as leads_a,
    a.main_leads as main_leads_a,
    a.lead_list as lead_list_a,
    a.customers as customers_a,
    a.customer_list as customer_list_a,
    b.routes as routes_b,
    b.leads as leads_b,
    b.main_leads as main_leads_b,
    b.lead_list as lead_list_b,
    b.customers as customers_b,
    b.customer_list as customer_list_b
from worded as a
cross join meta as m
join worded as b on b.contact_id = a.contact_id and b.side = 'b'
join breadths as n on n.contact_id = a.contact_id
left join contacts as k on k.contact_id = a.contact_id
where a.side = 'a'
order by a.leads + b.leads desc, a.contact_id;
