-- title: Leads and customers with several companies
-- group: Companies
-- question: Which leads and customers have more than the one company that the CRM allows?
-- definition: Leads and customers that are linked to more than one company, whichever side told of
--   it: one row for each of the companies. The CRM allows one, so that most of these were read
--   while they moved from one company to another: a row is settled when both sides tell of the link
--   and the links of both cards are proved to have been read whole; others are to be synced again
--   before they are believed. A card that cannot be read with this user's rights counts (nobody
--   read its links: not whole); a deleted one does not. In order: the most companies first, leads
--   before customers, the lower id of the card, of the company.
-- parameters: none
-- columns:
--   ref: The lead or customer
--   name: Its name
--   url: Its address in the CRM
--   companies: How many companies it is linked to
--   company_id: One of them
--   company_name: Its name
--   company_url: Its address in the CRM
--   seen_from: Which side told of the link: both, or the type of the card that did
--   links_read_at: When the links of the lead or customer were last read (UTC)
--   links_whole: Whether they are proved to have been read whole
--   company_links_read_at: When the links of the company were last read (UTC)
--   company_links_whole: Whether they are proved to have been read whole
--   settled: Whether the link is beyond doubt; if not, sync both cards again
-- problem: links of leads and customers that have several companies
with crowded as (
    select 1 as place, lead_id as card_id, count(*) as companies
    from lead_companies
    group by lead_id
    having count(*) > 1
    union all
    select 2, customer_id, count(*)
    from customer_companies
    group by customer_id
    having count(*) > 1
),
links_of as (
    select
        c.place, c.card_id, c.companies, lk.company_id, cast(lk.seen_from as varchar) as seen_from,
        l.name, l.links_read_at, l.links_whole
    from crowded as c
    join lead_companies as lk on lk.lead_id = c.card_id
    left join leads as l on l.lead_id = c.card_id
    where c.place = 1
    union all
    select
        c.place, c.card_id, c.companies, uk.company_id, cast(uk.seen_from as varchar),
        u.name, u.links_read_at, u.links_whole
    from crowded as c
    join customer_companies as uk on uk.customer_id = c.card_id
    left join customers as u on u.customer_id = c.card_id
    where c.place = 2
)
select
    case x.place when 1 then 'lead:' else 'customer:' end || x.card_id as ref,
    x.name,
    m.base_url || case x.place when 1 then '/leads' else '/customers' end || '/detail/' || x.card_id
        as url,
    x.companies,
    x.company_id,
    k.name as company_name,
    m.base_url || '/companies/detail/' || x.company_id as company_url,
    x.seen_from,
    x.links_read_at,
    coalesce(x.links_whole, false) as links_whole,
    k.links_read_at as company_links_read_at,
    coalesce(k.links_whole, false) as company_links_whole,
    x.seen_from = 'both' and coalesce(x.links_whole and k.links_whole, false) as settled
from links_of as x
cross join meta as m
left join companies as k on k.company_id = x.company_id
order by x.companies desc, x.place, x.card_id, x.company_id;
