-- title: Orphan companies
-- group: Companies
-- question: Which companies are linked to nobody?
-- definition: Live companies with no link to a lead, a contact or a customer. Catalog elements do
--   not count: a company that has only these is listed, with how many. A link to a card that cannot
--   be read with this user's rights is a link; one to a deleted card is none. The newest come
--   first, those of unknown date last, equal ones by id.
-- parameters: none
-- columns:
--   company_id: The company
--   company_name: Its name
--   company_url: Its address in the CRM
--   elements: How many catalog elements it is linked to
--   has_phone: Whether a phone is known
--   has_email: Whether an e-mail address is known
--   created_at: When it was created (UTC)
--   responsible_user_id: The responsible user
--   responsible_user_name: Their name
--   links_whole: Whether its links are proved to have been read whole; if not, sync the card again
-- problem: companies linked to nobody
with linked as (
    select company_id from lead_companies
    union all
    select company_id from contact_companies
    union all
    select company_id from customer_companies
),
orphan as (
    select c.company_id
    from companies as c
    left join linked as k on k.company_id = c.company_id
    where not c.is_deleted and k.company_id is null
),
held as (
    select o.company_id, count(*) as elements
    from orphan as o
    join element_links as x on x.owner_id = o.company_id and x.owner_type = 'company'
    group by o.company_id
),
reachable as (
    select
        o.company_id,
        max(case when i.kind = 'phone' then 1 else 0 end) as phone,
        max(case when i.kind = 'email' then 1 else 0 end) as email
    from orphan as o
    join identifiers as i on i.entity_id = o.company_id and i.entity_type = 'company'
    group by o.company_id
)
select
    c.company_id,
    c.name as company_name,
    c.url as company_url,
    coalesce(h.elements, 0) as elements,
    coalesce(r.phone, 0) = 1 as has_phone,
    coalesce(r.email, 0) = 1 as has_email,
    c.created_at,
    c.responsible_user_id,
    u.name as responsible_user_name,
    coalesce(c.links_whole, false) as links_whole
from orphan as o
join companies as c on c.company_id = o.company_id
left join held as h on h.company_id = o.company_id
left join reachable as r on r.company_id = o.company_id
left join users as u on u.user_id = c.responsible_user_id
order by c.created_at desc nulls last, c.company_id;
