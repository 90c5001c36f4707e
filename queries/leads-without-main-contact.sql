-- title: Leads without one main contact
-- group: Leads
-- question: Which leads have contacts, but not one main contact?
-- definition: Live leads with at least one contact of which none is the main one, or more than one
--   is. Of a contact the CRM may not say whether it is the main one: that is not «no», so that a
--   lead without a main contact is of kind «none» when it says «no» of all its contacts, and
--   «unknown» when it says nothing of some; «several» has two or more main contacts. Those that
--   come into question are the main contacts of a lead that has several, else all its contacts: one
--   is suggested when it is the only one, or the only one that belongs to a company of the lead. A
--   contact that cannot be read with this user's rights is one; a deleted one is none. The edit is
--   proposed where the lead has just one contact, its links are proved to have been read whole, and
--   that contact could be read. In order: none, several, unknown; the newest lead first, those of
--   an unknown date last; the lower id.
-- parameters:
--   variant text = none (none | several | both): Whether leads are listed of which none is the main
--     contact, or more than one is
--   unsaid boolean = yes: Whether leads of kind «unknown» are listed among those without one
-- columns:
--   lead_id: The lead
--   lead_name: Its name
--   lead_url: Its address in the CRM
--   kind: «none», «several» or «unknown»
--   contacts: How many contacts it has
--   mains: How many of them are main contacts
--   unknown: Of how many the CRM did not say whether they are
--   suggested_contact_id: The contact that is suggested, if one is
--   suggested_contact_name: Its name
--   responsible_user_id: The responsible user
--   responsible_user_name: Their name
--   created_at: When it was created (UTC)
--   links_whole: Whether its links are proved to have been read whole; if not, sync the card again
--   fix: The edit that makes the only contact the main one; empty where that is a choice
-- problem: leads without a main contact
with named as (
    select lead_id
    from lead_contacts
    where is_main
),
suspects as (
    select n.lead_id
    from (
        select lead_id
        from lead_contacts
        where not coalesce(is_main, false) and $variant <> 'several'
        group by lead_id
    ) as n
    left join named as m on m.lead_id = n.lead_id
    where m.lead_id is null
    union all
    select lead_id
    from named
    where $variant <> 'none'
    group by lead_id
    having count(*) > 1
),
linked as (
    select
        s.lead_id, lc.contact_id, lc.is_main,
        max(case when lc.is_main then 1 else 0 end) over (partition by s.lead_id) as has_main
    from suspects as s
    join lead_contacts as lc on lc.lead_id = s.lead_id
),
insiders as (
    select k.lead_id, k.contact_id
    from linked as k
    join lead_companies as lk on lk.lead_id = k.lead_id
    join contact_companies as ck
        on ck.contact_id = k.contact_id and ck.company_id = lk.company_id
    where k.has_main = 0 or k.is_main
    group by k.lead_id, k.contact_id
),
insider as (
    select lead_id, min(contact_id) as contact_id
    from insiders
    group by lead_id
    having count(*) = 1
),
counted as (
    select
        lead_id, count(*) as contacts, count(is_main) as said,
        sum(case when is_main then 1 else 0 end) as mains, min(contact_id) as contact_id
    from linked
    group by lead_id
),
judged as (
    select
        n.lead_id, n.contacts, cast(n.mains as bigint) as mains, n.contacts - n.said as unknown,
        case when n.contacts = 1 then n.contact_id else i.contact_id end as contact_id,
        case when n.mains > 0 then 2 when n.said = n.contacts then 1 else 3 end as place
    from counted as n
    left join insider as i on i.lead_id = n.lead_id
)
select
    j.lead_id,
    l.name as lead_name,
    l.url as lead_url,
    case j.place when 1 then 'none' when 2 then 'several' else 'unknown' end as kind,
    j.contacts,
    j.mains,
    j.unknown,
    j.contact_id as suggested_contact_id,
    c.name as suggested_contact_name,
    l.responsible_user_id,
    u.name as responsible_user_name,
    l.created_at,
    coalesce(l.links_whole, false) as links_whole,
    case
        when j.contacts = 1 and l.links_whole and c.contact_id is not null
            then 'main lead:' || j.lead_id || ' contact:' || j.contact_id
    end as fix
from judged as j
join leads as l on l.lead_id = j.lead_id
left join contacts as c on c.contact_id = j.contact_id
left join users as u on u.user_id = l.responsible_user_id
where not l.is_deleted and ($unsaid or j.place < 3)
order by j.place, l.created_at desc nulls last, j.lead_id;
