-- title: Contacts that moved to another company
-- group: Changes
-- question: Whose company changed between two syncs, and which open leads stayed behind?
-- definition: Contacts that were linked to a company in the earlier of two snapshots and are not in
--   the later (the former company). Only contacts count whose links were read whole in both
--   snapshots (links_whole) and that are not deleted in the later. A link to a deleted company is
--   none. The new company is, of the companies that the contact is linked to in the later snapshot
--   and not in the earlier, the one with the lowest id; it may have joined none. A contact that
--   only gained a company has not moved. A stranded lead is an open lead (not won, not lost; one
--   whose status is not known counts as open) that is not deleted and is linked in the later
--   snapshot to both the contact and the former company. One row for each contact, former
--   company and stranded lead; a contact without stranded leads has one row for each former
--   company, unless only stranded leads are asked for. The edit that takes the lead along is
--   proposed where it is plain: the lead has a row and no other company, the contact has just one
--   company in the later snapshot, which is the new one, the former and the new company have a row
--   there and are not deleted, the contact is the lead's only contact or the only one told to be
--   its main one, and no other contact of the lead is linked to the former company. When a contact
--   moved is known only as between two reads of its links; by whom is not known: the events of the
--   CRM are not mirrored. Those with the most stranded leads come first; then rows go by the ids of
--   contact, former company and lead.
-- parameters:
--   since snapshot = previous: The earlier snapshot
--   until snapshot = newest: The later snapshot
--   joined_none boolean = yes: Whether contacts that joined no new company are listed too
--   stranded_only boolean = no: Whether only contacts with stranded leads are listed
-- columns:
--   contact_id: The contact
--   contact_name: Its name
--   contact_url: Its address in the CRM
--   from_company_id: The former company
--   from_company_name: Its name in the later snapshot; where it has no row there, in the earlier
--   to_company_id: The new company, if any
--   to_company_name: Its name
--   earlier_read_at: When the contact's links were read for the earlier snapshot (UTC)
--   later_read_at: When they were read for the later snapshot (UTC)
--   stranded: How many stranded leads the contact has at this former company
--   lead_id: A stranded lead, if any
--   lead_name: Its name
--   lead_url: Its address in the CRM
--   is_main: Whether the contact is that lead's main one; empty where the CRM did not say
--   responsible_user_id: The user responsible for that lead
--   responsible_user_name: Their name
--   fix: The edits that move the lead from the former to the new company; empty where that is a
--     choice
with lost as (
    select o.contact_id, o.company_id
    from older.contact_companies as o
    left join contact_companies as n
        on n.contact_id = o.contact_id and n.company_id = o.company_id
    where n.contact_id is null
),
leaving as (
    select
        f.contact_id, f.company_id,
        o.links_read_at as earlier_read_at, n.links_read_at as later_read_at
    from lost as f
    join contacts as n on n.contact_id = f.contact_id
    join older.contacts as o on o.contact_id = f.contact_id
    where n.links_whole and o.links_whole and not n.is_deleted
),
mover as (
    select contact_id
    from leaving
    group by contact_id
),
present as (
    select
        v.contact_id, count(*) as companies,
        min(case when o.contact_id is null then n.company_id end) as company_id
    from mover as v
    join contact_companies as n on n.contact_id = v.contact_id
    left join older.contact_companies as o
        on o.contact_id = n.contact_id and o.company_id = n.company_id
    group by v.contact_id
),
stranded as (
    select f.contact_id, f.company_id, lc.lead_id, lc.is_main
    from leaving as f
    join lead_contacts as lc on lc.contact_id = f.contact_id
    join lead_companies as lk on lk.lead_id = lc.lead_id and lk.company_id = f.company_id
    left join leads as l on l.lead_id = lc.lead_id
    where l.status_id is null or l.status_id not in (142, 143)
),
counted as (
    select contact_id, company_id, count(*) as leads
    from stranded
    group by contact_id, company_id
),
stranded_lead as (
    select lead_id
    from stranded
    group by lead_id
),
lead_company as (
    select s.lead_id, count(*) as companies
    from stranded_lead as s
    join lead_companies as lk on lk.lead_id = s.lead_id
    group by s.lead_id
),
lead_contact as (
    select
        s.lead_id, count(*) as contacts, sum(case when lc.is_main then 1 else 0 end) as mains
    from stranded_lead as s
    join lead_contacts as lc on lc.lead_id = s.lead_id
    group by s.lead_id
),
mate as (
    select s.lead_id, s.company_id, lc.contact_id
    from stranded as s
    join lead_contacts as lc on lc.lead_id = s.lead_id and lc.contact_id <> s.contact_id
    group by s.lead_id, s.company_id, lc.contact_id
),
staying as (
    select t.lead_id, t.company_id
    from mate as t
    join contact_companies as ck on ck.contact_id = t.contact_id and ck.company_id = t.company_id
    group by t.lead_id, t.company_id
),
lead_card as (
    select l.lead_id, l.name, l.responsible_user_id
    from stranded_lead as s
    join leads as l on l.lead_id = s.lead_id
)
select
    f.contact_id,
    k.name as contact_name,
    k.url as contact_url,
    f.company_id as from_company_id,
    case when former.company_id is not null then former.name else old.name end
        as from_company_name,
    p.company_id as to_company_id,
    fresh.name as to_company_name,
    f.earlier_read_at,
    f.later_read_at,
    coalesce(c.leads, 0) as stranded,
    s.lead_id,
    l.name as lead_name,
    m.base_url || '/leads/detail/' || s.lead_id as lead_url,
    s.is_main,
    l.responsible_user_id,
    u.name as responsible_user_name,
    case
        when
            l.lead_id is not null and lk.companies = 1
            and p.companies = 1 and p.company_id is not null
            and not former.is_deleted and not fresh.is_deleted
            and (lc.contacts = 1 or (s.is_main and lc.mains = 1))
            and y.lead_id is null
            then
                'unlink lead:' || s.lead_id || ' company:' || f.company_id
                || '; link lead:' || s.lead_id || ' company:' || p.company_id
    end as fix
from leaving as f
cross join meta as m
join contacts as k on k.contact_id = f.contact_id
left join present as p on p.contact_id = f.contact_id
left join companies as former on former.company_id = f.company_id
left join older.companies as old on old.company_id = f.company_id
left join companies as fresh on fresh.company_id = p.company_id
left join counted as c on c.contact_id = f.contact_id and c.company_id = f.company_id
left join stranded as s on s.contact_id = f.contact_id and s.company_id = f.company_id
left join lead_card as l on l.lead_id = s.lead_id
left join users as u on u.user_id = l.responsible_user_id
left join lead_company as lk on lk.lead_id = s.lead_id
left join lead_contact as lc on lc.lead_id = s.lead_id
left join staying as y on y.lead_id = s.lead_id and y.company_id = f.company_id
where
    ($joined_none or p.company_id is not null)
    and (not $stranded_only or s.lead_id is not null)
order by coalesce(c.leads, 0) desc, f.contact_id, f.company_id, s.lead_id;
