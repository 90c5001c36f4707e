-- title: Open leads that may be one deal
-- group: Duplicates
-- question: Which deals were opened twice?
-- definition: Pairs (the lower id first) of open leads of one pipeline that have the same main
--   contact, any contact, a company, or a main contact and a company in common, as chosen with
--   `by`. Open is a live lead that is neither won nor lost (status 142, 143); one whose status is
--   unknown is taken for open, one whose card cannot be read is not. Incoming leads (the status in
--   which they stand is that of leads not yet accepted) are left out. Leads whose pipeline is
--   unknown are in no pair. A contact of which the CRM did not say whether it is the main one is
--   not taken for it; should a lead have several main contacts or companies, each counts. A link to
--   a contact or company that cannot be read is a link; one to a deleted one is none. A contact or
--   company (or a main contact with a company) that more than hub_cap such leads of one pipeline
--   have is cut from that pipeline: no figure counts it, and it is returned beside the answer. In
--   order: the shortest gap first, an unknown one last; the lower ids of the two leads.
-- parameters:
--   by text = main (main | contact | company | main-and-company): What the leads have in common
--   hub_cap integer = 50 (2..): Most open leads of a pipeline that one contact or company may have
--     before it is cut
-- columns:
--   lead_a_id: The lead with the lower id
--   lead_a_name: Its name
--   lead_a_url: Its address in the CRM
--   status_a_id: The status in which it stands
--   status_a_name: Its name
--   price_a: Its price
--   created_a_at: When it was created (UTC)
--   lead_b_id: The lead with the higher id
--   lead_b_name: Its name
--   lead_b_url: Its address in the CRM
--   status_b_id: The status in which it stands
--   status_b_name: Its name
--   price_b: Its price
--   created_b_at: When it was created (UTC)
--   gap_days: Days between the two dates (UTC) of creation, never negative; empty where one is
--     unknown
--   pipeline_id: The pipeline of both
--   pipeline_name: Its name
--   shared: How many contacts, companies, or main contacts with a company, they have in common
--   contact_id: The contact in common with the lowest id; empty by company
--   contact_name: Its name
--   company_id: The company in common with the lowest id; empty by main and contact
--   company_name: Its name
-- problem: pairs of open leads that may be one deal
with open_leads as (
    select l.lead_id, l.pipeline_id
    from leads as l
    left join statuses as s on s.pipeline_id = l.pipeline_id and s.status_id = l.status_id
    where
        not l.is_deleted and l.pipeline_id is not null
        and (l.status_id is null or l.status_id not in (142, 143))
        and not coalesce(s.is_unsorted, false)
),
by_contact as (
    select o.lead_id, o.pipeline_id, lc.contact_id
    from open_leads as o
    join lead_contacts as lc on lc.lead_id = o.lead_id
    where $by = 'contact' or ($by in ('main', 'main-and-company') and lc.is_main)
),
by_company as (
    select o.lead_id, o.pipeline_id, lk.company_id
    from open_leads as o
    join lead_companies as lk on lk.lead_id = o.lead_id
    where $by in ('company', 'main-and-company')
),
held as (
    -- 0 stands for what was not asked for: NULL would equal nothing in a join
    select lead_id, pipeline_id, contact_id, 0 as company_id
    from by_contact
    where $by <> 'main-and-company'
    union all
    select lead_id, pipeline_id, 0, company_id
    from by_company
    where $by = 'company'
    union all
    select c.lead_id, c.pipeline_id, c.contact_id, k.company_id
    from by_contact as c
    join by_company as k on k.lead_id = c.lead_id
    where $by = 'main-and-company'
),
sizes as (
    select pipeline_id, contact_id, company_id
    from held
    group by pipeline_id, contact_id, company_id
    having count(*) between 2 and $hub_cap
),
kept as (
    select h.lead_id, h.pipeline_id, h.contact_id, h.company_id
    from sizes as s
    join held as h
        on h.contact_id = s.contact_id and h.company_id = s.company_id
        and h.pipeline_id = s.pipeline_id
),
pairs as (
    select
        a.lead_id as lead_a_id, b.lead_id as lead_b_id, a.pipeline_id, count(*) as shared,
        min(a.contact_id) as contact_id, min(a.company_id) as company_id
    from kept as a
    join kept as b
        on b.contact_id = a.contact_id and b.company_id = a.company_id
        and b.pipeline_id = a.pipeline_id and b.lead_id > a.lead_id
    group by a.lead_id, b.lead_id, a.pipeline_id
)
select
    p.lead_a_id,
    a.name as lead_a_name,
    a.url as lead_a_url,
    a.status_id as status_a_id,
    x.name as status_a_name,
    a.price as price_a,
    a.created_at as created_a_at,
    p.lead_b_id,
    b.name as lead_b_name,
    b.url as lead_b_url,
    b.status_id as status_b_id,
    y.name as status_b_name,
    b.price as price_b,
    b.created_at as created_b_at,
    abs(cast(b.created_at as date) - cast(a.created_at as date)) as gap_days,
    p.pipeline_id,
    f.name as pipeline_name,
    p.shared,
    nullif(p.contact_id, 0) as contact_id,
    c.name as contact_name,
    nullif(p.company_id, 0) as company_id,
    k.name as company_name
from pairs as p
join leads as a on a.lead_id = p.lead_a_id
join leads as b on b.lead_id = p.lead_b_id
left join statuses as x on x.pipeline_id = a.pipeline_id and x.status_id = a.status_id
left join statuses as y on y.pipeline_id = b.pipeline_id and y.status_id = b.status_id
left join pipelines as f on f.pipeline_id = p.pipeline_id
left join contacts as c on c.contact_id = p.contact_id
left join companies as k on k.company_id = p.company_id
order by gap_days nulls last, p.lead_a_id, p.lead_b_id;

-- cut: Contacts and companies with more than hub_cap open leads of a pipeline
with open_leads as (
    select l.lead_id, l.pipeline_id
    from leads as l
    left join statuses as s on s.pipeline_id = l.pipeline_id and s.status_id = l.status_id
    where
        not l.is_deleted and l.pipeline_id is not null
        and (l.status_id is null or l.status_id not in (142, 143))
        and not coalesce(s.is_unsorted, false)
),
by_contact as (
    select o.lead_id, o.pipeline_id, lc.contact_id
    from open_leads as o
    join lead_contacts as lc on lc.lead_id = o.lead_id
    where $by = 'contact' or ($by in ('main', 'main-and-company') and lc.is_main)
),
by_company as (
    select o.lead_id, o.pipeline_id, lk.company_id
    from open_leads as o
    join lead_companies as lk on lk.lead_id = o.lead_id
    where $by in ('company', 'main-and-company')
),
held as (
    -- 0 stands for what was not asked for: NULL would equal nothing in a join
    select lead_id, pipeline_id, contact_id, 0 as company_id
    from by_contact
    where $by <> 'main-and-company'
    union all
    select lead_id, pipeline_id, 0, company_id
    from by_company
    where $by = 'company'
    union all
    select c.lead_id, c.pipeline_id, c.contact_id, k.company_id
    from by_contact as c
    join by_company as k on k.lead_id = c.lead_id
    where $by = 'main-and-company'
),
hubs as (
    select pipeline_id, contact_id, company_id, count(*) as leads
    from held
    group by pipeline_id, contact_id, company_id
    having count(*) > $hub_cap
)
select
    nullif(h.contact_id, 0) as contact_id,
    c.name as contact_name,
    case when h.contact_id > 0 then m.base_url || '/contacts/detail/' || h.contact_id end
        as contact_url,
    nullif(h.company_id, 0) as company_id,
    k.name as company_name,
    case when h.company_id > 0 then m.base_url || '/companies/detail/' || h.company_id end
        as company_url,
    h.pipeline_id,
    f.name as pipeline_name,
    h.leads
from hubs as h
cross join meta as m
left join contacts as c on c.contact_id = h.contact_id
left join companies as k on k.company_id = h.company_id
left join pipelines as f on f.pipeline_id = h.pipeline_id
order by h.leads desc, h.pipeline_id, h.contact_id, h.company_id;
