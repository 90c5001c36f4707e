-- title: Companies that share contacts
-- group: Companies
-- question: Which companies are touched by the same people?
-- definition: Pairs of companies (the lower id first) that at least min_shared common contacts
--   touch. A contact touches a company when it is linked to it, or when one lead or one customer is
--   linked to both. Contacts that touch more than hub_cap companies are cut: no figure counts
--   them, and they are returned beside the answer.
-- parameters:
--   min_shared integer = 2 (1..): Fewest common contacts that make a pair
--   hub_cap integer = 50 (2..): Most companies that a contact may touch before it is cut
-- columns:
--   company_a_id: The company with the lower id
--   company_a_name: Its name
--   company_a_url: Its address in the CRM
--   company_b_id: The company with the higher id
--   company_b_name: Its name
--   company_b_url: Its address in the CRM
--   shared: How many contacts touch both
--   via_direct: How many of them are linked to one of the two themselves
--   via_leads: How many of them reach one of the two, or both, through a lead
--   via_customers: How many of them reach one of the two, or both, through a customer
--   jaccard: Shared contacts as a part of all that touch either company, from 0 to 1
--   first_contact_id: A sample of them: the one with the lowest id
--   first_contact_name: Its name
--   last_contact_id: And the one with the highest, if there are two or more
--   last_contact_name: Its name
with touch as (
    select contact_id, company_id, 1 as direct, 0 as by_lead, 0 as by_customer
    from contact_companies
    union all
    select lc.contact_id, lk.company_id, 0, 1, 0
    from lead_contacts as lc
    join lead_companies as lk on lk.lead_id = lc.lead_id
    union all
    select uc.contact_id, uk.company_id, 0, 0, 1
    from customer_contacts as uc
    join customer_companies as uk on uk.customer_id = uc.customer_id
),
touched as (
    select
        contact_id, company_id,
        max(direct) as direct, max(by_lead) as by_lead, max(by_customer) as by_customer
    from touch
    group by contact_id, company_id
),
breadths as (
    select contact_id, count(*) as companies
    from touched
    group by contact_id
),
kept as (
    select t.contact_id, t.company_id, t.direct, t.by_lead, t.by_customer
    from touched as t
    join breadths as b on b.contact_id = t.contact_id
    where b.companies <= $hub_cap
),
sizes as (
    select company_id, count(*) as contacts
    from kept
    group by company_id
),
pairs as (
    select
        a.company_id as company_a_id, b.company_id as company_b_id, count(*) as shared,
        sum(greatest(a.direct, b.direct)) as via_direct,
        sum(greatest(a.by_lead, b.by_lead)) as via_leads,
        sum(greatest(a.by_customer, b.by_customer)) as via_customers,
        min(a.contact_id) as first_contact_id,
        max(a.contact_id) as last_contact_id
    from kept as a
    join kept as b on b.contact_id = a.contact_id and b.company_id > a.company_id
    group by a.company_id, b.company_id
    having count(*) >= $min_shared
)
select
    p.company_a_id,
    a.name as company_a_name,
    m.base_url || '/companies/detail/' || p.company_a_id as company_a_url,
    p.company_b_id,
    b.name as company_b_name,
    m.base_url || '/companies/detail/' || p.company_b_id as company_b_url,
    p.shared,
    cast(p.via_direct as bigint) as via_direct,
    cast(p.via_leads as bigint) as via_leads,
    cast(p.via_customers as bigint) as via_customers,
    cast(p.shared as double) / (x.contacts + y.contacts - p.shared) as jaccard,
    p.first_contact_id,
    f.name as first_contact_name,
    case when p.shared > 1 then p.last_contact_id end as last_contact_id,
    case when p.shared > 1 then z.name end as last_contact_name
from pairs as p
cross join meta as m
join sizes as x on x.company_id = p.company_a_id
join sizes as y on y.company_id = p.company_b_id
left join companies as a on a.company_id = p.company_a_id
left join companies as b on b.company_id = p.company_b_id
left join contacts as f on f.contact_id = p.first_contact_id
left join contacts as z on z.contact_id = p.last_contact_id
order by p.shared desc, jaccard desc, p.company_a_id, p.company_b_id;

-- cut: Contacts that touch more than hub_cap companies
with touch as (
    select contact_id, company_id
    from contact_companies
    union
    select lc.contact_id, lk.company_id
    from lead_contacts as lc
    join lead_companies as lk on lk.lead_id = lc.lead_id
    union
    select uc.contact_id, uk.company_id
    from customer_contacts as uc
    join customer_companies as uk on uk.customer_id = uc.customer_id
),
hubs as (
    select contact_id, count(*) as companies
    from touch
    group by contact_id
    having count(*) > $hub_cap
)
select
    h.contact_id,
    k.name as contact_name,
    m.base_url || '/contacts/detail/' || h.contact_id as contact_url,
    h.companies
from hubs as h
cross join meta as m
left join contacts as k on k.contact_id = h.contact_id
order by h.companies desc, h.contact_id;
