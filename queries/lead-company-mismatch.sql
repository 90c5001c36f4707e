-- title: Leads of a company that none of their contacts belongs to
-- group: Leads
-- question: Which leads stand at another company than their contacts do?
-- definition: Live leads with a company that none of their contacts belongs to, while at least one
--   of the contacts belongs to another: one row for each such company of a lead. Agencies work for
--   other companies: a company that is named as one is no lead's company here, and no contact's. A
--   link to a card that cannot be read with this user's rights is a link; one to a deleted card is
--   none. In order: the newest lead first, those of an unknown date last; the lower id of the lead,
--   of the company.
-- parameters:
--   agencies text = none: Ids of companies that work for others, separated by commas; spaces do not
--     matter
-- columns:
--   lead_id: The lead
--   lead_name: Its name
--   lead_url: Its address in the CRM
--   company_id: The lead's company
--   company_name: Its name
--   contacts: How many contacts of the lead belong to another company
--   companies: How many companies those belong to
--   other_company_id: The one of them with the lowest id
--   other_company_name: Its name
--   other_companies: The five with the lowest ids, as «name (id)», the name cut to 80 characters
--   responsible_user_id: The responsible user
--   responsible_user_name: Their name
--   created_at: When the lead was created (UTC)
--   links_whole: Whether its links are proved to have been read whole; if not, sync the card again
-- problem: leads of a company that none of their contacts belongs to
with homes as (
    select contact_id, company_id
    from contact_companies
    where
        $agencies = 'none'
        or position(',' || company_id || ',' in ',' || replace($agencies, ' ', '') || ',') = 0
),
compared as (
    select
        lk.lead_id, lk.company_id, lc.contact_id, h.company_id as other_company_id
    from lead_companies as lk
    join lead_contacts as lc on lc.lead_id = lk.lead_id
    join homes as h on h.contact_id = lc.contact_id
),
foreign_homes as (
    select lead_id, company_id, contact_id, other_company_id
    from compared
    where
        company_id <> other_company_id
        and position(',' || company_id || ',' in ',' || replace($agencies, ' ', '') || ',') = 0
),
own_homes as (
    select lead_id, company_id
    from compared
    where company_id = other_company_id
),
mismatches as (
    select f.lead_id, f.company_id, f.contact_id, f.other_company_id
    from foreign_homes as f
    left join own_homes as o on o.lead_id = f.lead_id and o.company_id = f.company_id
    where o.lead_id is null
),
others as (
    select
        lead_id, company_id, other_company_id,
        row_number() over (partition by lead_id, company_id order by other_company_id) as place
    from mismatches
    group by lead_id, company_id, other_company_id
),
labelled as (
    select
        o.lead_id, o.company_id, o.other_company_id, o.place, k.name,
        coalesce(left(nullif(k.name, ''), 80) || ' ', '') || '(' || o.other_company_id || ')' as label
    from others as o
    left join companies as k on k.company_id = o.other_company_id
),
named as (
    select
        o.lead_id, o.company_id, count(*) as companies,
        min(o.other_company_id) as other_company_id,
        min(case when o.place = 1 then o.name end) as other_company_name,
        max(case when o.place = 1 then o.label end)
            || coalesce(', ' || max(case when o.place = 2 then o.label end), '')
            || coalesce(', ' || max(case when o.place = 3 then o.label end), '')
            || coalesce(', ' || max(case when o.place = 4 then o.label end), '')
            || coalesce(', ' || max(case when o.place = 5 then o.label end), '')
            as sample
    from labelled as o
    group by o.lead_id, o.company_id
),
counted as (
    select lead_id, company_id, count(distinct contact_id) as contacts
    from mismatches
    group by lead_id, company_id
)
select
    n.lead_id,
    l.name as lead_name,
    l.url as lead_url,
    n.company_id,
    k.name as company_name,
    n.contacts,
    o.companies,
    o.other_company_id,
    o.other_company_name,
    o.sample as other_companies,
    l.responsible_user_id,
    u.name as responsible_user_name,
    l.created_at,
    coalesce(l.links_whole, false) as links_whole
from counted as n
join named as o on o.lead_id = n.lead_id and o.company_id = n.company_id
join leads as l on l.lead_id = n.lead_id
left join companies as k on k.company_id = n.company_id
left join users as u on u.user_id = l.responsible_user_id
order by l.created_at desc nulls last, n.lead_id, n.company_id;
