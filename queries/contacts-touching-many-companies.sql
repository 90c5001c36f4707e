-- title: Contacts that touch several companies
-- group: Contacts
-- question: Who works with more than one company?
-- definition: Contacts that touch at least min_companies distinct companies, one row for each
--   company that is not their own. A contact touches a company when it is linked to it, or when
--   one lead or one customer is linked to both. Its own company is the one it is linked to itself;
--   should the account show several, the one with the lowest id.
-- parameters:
--   min_companies integer = 2 (2..): Fewest companies that make a contact worth listing
--   closed_leads boolean = yes: Whether leads that are won or lost count too
-- columns:
--   contact_id: The contact
--   contact_name: Its name
--   contact_url: Its address in the CRM
--   companies: How many companies it touches, its own included
--   own_company_id: The company it is linked to itself, if any
--   own_company_name: Its name
--   other_company_id: Another company that it touches
--   other_company_name: Its name
--   other_company_url: Its address in the CRM
--   leads: How many leads join it to that other company
--   customers: How many customers join it to that other company
--   last_lead_at: When the newest of those leads was created (UTC)
with touch as (
    select
        contact_id, company_id, 1 as direct, 0 as by_lead, 0 as by_customer,
        cast(null as timestamp) as lead_created_at
    from contact_companies
    union all
    select lc.contact_id, lk.company_id, 0, 1, 0, l.created_at
    from lead_contacts as lc
    join lead_companies as lk on lk.lead_id = lc.lead_id
    left join leads as l on l.lead_id = lc.lead_id
    where $closed_leads or l.status_id is null or l.status_id not in (142, 143)
    union all
    select uc.contact_id, uk.company_id, 0, 0, 1, null
    from customer_contacts as uc
    join customer_companies as uk on uk.customer_id = uc.customer_id
),
touched as (
    select
        contact_id, company_id, max(direct) as direct, sum(by_lead) as leads,
        sum(by_customer) as customers, max(lead_created_at) as last_lead_at
    from touch
    group by contact_id, company_id
),
breadths as (
    select
        contact_id, count(*) as companies,
        min(case when direct = 1 then company_id end) as own_company_id
    from touched
    group by contact_id
    having count(*) >= $min_companies
)
select
    b.contact_id,
    k.name as contact_name,
    m.base_url || '/contacts/detail/' || b.contact_id as contact_url,
    b.companies,
    b.own_company_id,
    own.name as own_company_name,
    t.company_id as other_company_id,
    other.name as other_company_name,
    m.base_url || '/companies/detail/' || t.company_id as other_company_url,
    cast(t.leads as bigint) as leads,
    cast(t.customers as bigint) as customers,
    t.last_lead_at
from breadths as b
cross join meta as m
join touched as t
    on t.contact_id = b.contact_id
    and (b.own_company_id is null or t.company_id <> b.own_company_id)
left join contacts as k on k.contact_id = b.contact_id
left join companies as own on own.company_id = b.own_company_id
left join companies as other on other.company_id = t.company_id
order by b.companies desc, b.contact_id, t.leads desc, t.customers desc, t.company_id;
