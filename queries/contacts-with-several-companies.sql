-- title: Contacts with several companies
-- group: Contacts
-- question: Which contacts are linked to more than the one company that the CRM allows?
-- definition: Contacts that are linked to more than one company themselves, whichever side told of
--   it: one row for each of the companies. Companies that a contact touches through a lead or a
--   customer are not meant. The CRM allows one, so that most of these were read while they moved
--   from one company to another: a row is settled when both sides tell of the link and the links of
--   both cards are proved to have been read whole; others are to be synced again before they are
--   believed. A card that cannot be read with this user's rights counts (nobody read its links: not
--   whole); a deleted one does not. In order: the most companies first, the lower id of the
--   contact, of the company.
-- parameters: none
-- columns:
--   contact_id: The contact
--   contact_name: Its name
--   contact_url: Its address in the CRM
--   companies: How many companies it is linked to
--   company_id: One of them
--   company_name: Its name
--   company_url: Its address in the CRM
--   seen_from: Which side told of the link: both, or the type of the card that did
--   links_read_at: When the links of the contact were last read (UTC)
--   links_whole: Whether they are proved to have been read whole
--   company_links_read_at: When the links of the company were last read (UTC)
--   company_links_whole: Whether they are proved to have been read whole
--   settled: Whether the link is beyond doubt; if not, sync both cards again
-- problem: links of contacts that have several companies
with crowded as (
    select contact_id, count(*) as companies
    from contact_companies
    group by contact_id
    having count(*) > 1
)
select
    s.contact_id,
    c.name as contact_name,
    m.base_url || '/contacts/detail/' || s.contact_id as contact_url,
    s.companies,
    ck.company_id,
    k.name as company_name,
    m.base_url || '/companies/detail/' || ck.company_id as company_url,
    cast(ck.seen_from as varchar) as seen_from,
    c.links_read_at,
    coalesce(c.links_whole, false) as links_whole,
    k.links_read_at as company_links_read_at,
    coalesce(k.links_whole, false) as company_links_whole,
    ck.seen_from = 'both' and coalesce(c.links_whole and k.links_whole, false) as settled
from crowded as s
cross join meta as m
join contact_companies as ck on ck.contact_id = s.contact_id
left join contacts as c on c.contact_id = s.contact_id
left join companies as k on k.company_id = ck.company_id
order by s.companies desc, s.contact_id, ck.company_id;
