-- title: Orphan contacts
-- group: Contacts
-- question: Which contacts are linked to nothing?
-- definition: Live contacts with no link to a lead, a company, a customer or a catalog element. A
--   link to a card that cannot be read with this user's rights is a link; one to a deleted card is
--   none. The newest come first, those of unknown date last, equal ones by id.
-- parameters: none
-- columns:
--   contact_id: The contact
--   contact_name: Its name
--   contact_url: Its address in the CRM
--   has_phone: Whether a phone is known
--   has_email: Whether an e-mail address is known
--   created_at: When it was created (UTC)
--   responsible_user_id: The responsible user
--   responsible_user_name: Their name
--   links_whole: Whether its links are proved to have been read whole; if not, sync the card again
-- problem: contacts linked to nothing
with linked as (
    select contact_id from lead_contacts
    union all
    select contact_id from contact_companies
    union all
    select contact_id from customer_contacts
    union all
    select owner_id from element_links where owner_type = 'contact'
),
orphan as (
    select c.contact_id
    from contacts as c
    left join linked as k on k.contact_id = c.contact_id
    where not c.is_deleted and k.contact_id is null
),
reachable as (
    select
        o.contact_id,
        max(case when i.kind = 'phone' then 1 else 0 end) as phone,
        max(case when i.kind = 'email' then 1 else 0 end) as email
    from orphan as o
    join identifiers as i on i.entity_id = o.contact_id and i.entity_type = 'contact'
    group by o.contact_id
)
select
    c.contact_id,
    c.name as contact_name,
    c.url as contact_url,
    coalesce(r.phone, 0) = 1 as has_phone,
    coalesce(r.email, 0) = 1 as has_email,
    c.created_at,
    c.responsible_user_id,
    u.name as responsible_user_name,
    coalesce(c.links_whole, false) as links_whole
from orphan as o
join contacts as c on c.contact_id = o.contact_id
left join reachable as r on r.contact_id = o.contact_id
left join users as u on u.user_id = c.responsible_user_id
order by c.created_at desc nulls last, c.contact_id;
