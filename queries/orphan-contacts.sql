-- title: Orphan contacts
-- group: Contacts
-- question: Which contacts are linked to nothing?
-- definition: Live contacts with no link to a lead, a company, a customer or a catalog element. A
--   link to a card that cannot be read with this user's rights is a link; one to a deleted card is
--   none.
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
with orphan as (
    select c.contact_id
    from contacts as c
    where
        not c.is_deleted
        and not exists (select 1 from lead_contacts as lc where lc.contact_id = c.contact_id)
        and not exists (select 1 from contact_companies as ck where ck.contact_id = c.contact_id)
        and not exists (select 1 from customer_contacts as uc where uc.contact_id = c.contact_id)
        and not exists (
            select 1 from element_links as xe
            where xe.owner_type = 'contact' and xe.owner_id = c.contact_id
        )
)
select
    c.contact_id,
    c.name as contact_name,
    c.url as contact_url,
    exists (
        select 1 from identifiers as i
        where i.entity_type = 'contact' and i.entity_id = c.contact_id and i.kind = 'phone'
    ) as has_phone,
    exists (
        select 1 from identifiers as i
        where i.entity_type = 'contact' and i.entity_id = c.contact_id and i.kind = 'email'
    ) as has_email,
    c.created_at,
    c.responsible_user_id,
    u.name as responsible_user_name,
    coalesce(c.links_whole, false) as links_whole
from orphan as o
join contacts as c on c.contact_id = o.contact_id
left join users as u on u.user_id = c.responsible_user_id
order by c.created_at desc nulls last, c.contact_id;
