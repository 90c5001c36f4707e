-- title: Contacts, companies and leads of several users
-- group: Leads
-- question: Who is worked on by more than one person?
-- definition: Contacts and companies that are linked to open leads of at least two responsible
--   users, and open leads whose responsible user is not that of a main contact of theirs, as chosen
--   with `cards`. Open is a live lead that is neither won nor lost (status 142, 143); one whose
--   status is unknown is taken for open, one whose card cannot be read is not. A user who is
--   unknown is nobody: a lead without one counts nowhere, and a main contact without one, or whose
--   card cannot be read, differs from nobody. A contact of which the CRM did not say whether it is
--   the main one is not taken for it. Contacts and companies that cannot be read with this user's
--   rights are listed too, deleted ones are not. In order: the most users first, then the most
--   leads; contacts before companies before leads; the lower id.
-- parameters:
--   cards text = contacts (contacts | companies | leads | all): Which cards are listed
--   closed_leads boolean = no: Whether leads that are won or lost count as if they were open
-- columns:
--   ref: The contact, company or lead
--   name: Its name
--   url: Its address in the CRM
--   users: How many users there are: those of its leads, or the lead's and its main contacts'
--   leads: How many of its open leads have a known user; 1 for a lead
--   owners: Five of the users as «name (id)», the name cut to 80 characters: those with the most of
--     these leads first (a lead's own user before its main contacts'), then those with the lower id
--   responsible_user_id: The card's own responsible user, if it is known
--   responsible_user_name: Their name
--   main_contact_id: Of a lead, the main contact of another user; of several the one with the
--     lowest id
--   main_contact_name: Its name
-- problem: contacts with open leads of several users
with open_leads as (
    select lead_id, responsible_user_id as user_id
    from leads
    where
        not is_deleted and responsible_user_id is not null
        and ($closed_leads or status_id is null or status_id not in (142, 143))
),
touching as (
    select 1 as place, lc.contact_id as card_id, o.user_id
    from open_leads as o
    join lead_contacts as lc on lc.lead_id = o.lead_id
    where $cards in ('contacts', 'all')
    union all
    select 2, lk.company_id, o.user_id
    from open_leads as o
    join lead_companies as lk on lk.lead_id = o.lead_id
    where $cards in ('companies', 'all')
),
shared as (
    select place, card_id
    from touching
    group by place, card_id
    having min(user_id) < max(user_id)
),
mains as (
    select o.lead_id, lc.contact_id, o.user_id, c.responsible_user_id as other_user_id
    from open_leads as o
    join lead_contacts as lc on lc.lead_id = o.lead_id
    join contacts as c on c.contact_id = lc.contact_id
    where lc.is_main and $cards in ('leads', 'all') and c.responsible_user_id <> o.user_id
),
differing as (
    select lead_id, user_id, min(contact_id) as contact_id
    from mains
    group by lead_id, user_id
),
held as (
    select s.place, s.card_id, t.user_id, count(*) as leads
    from shared as s
    join touching as t on t.place = s.place and t.card_id = s.card_id
    group by s.place, s.card_id, t.user_id
    union all
    select 3, lead_id, user_id, 1
    from differing
    union all
    select 3, lead_id, other_user_id, 0
    from mains
    group by lead_id, other_user_id
),
ranked as (
    select
        place, card_id, user_id, leads,
        row_number() over (partition by place, card_id order by leads desc, user_id) as rank
    from held
),
labelled as (
    select
        r.place, r.card_id, r.leads, r.rank,
        coalesce(left(nullif(u.name, ''), 80) || ' ', '') || '(' || r.user_id || ')' as label
    from ranked as r
    left join users as u on u.user_id = r.user_id
),
owned as (
    select
        place, card_id, count(*) as users, cast(sum(leads) as bigint) as leads,
        max(case when rank = 1 then label end)
            || coalesce(', ' || max(case when rank = 2 then label end), '')
            || coalesce(', ' || max(case when rank = 3 then label end), '')
            || coalesce(', ' || max(case when rank = 4 then label end), '')
            || coalesce(', ' || max(case when rank = 5 then label end), '')
            as owners
    from labelled
    group by place, card_id
),
named as (
    select
        o.place, o.card_id, o.users, o.leads, o.owners, c.name, c.responsible_user_id,
        cast(null as bigint) as main_contact_id
    from owned as o
    left join contacts as c on c.contact_id = o.card_id
    where o.place = 1
    union all
    select o.place, o.card_id, o.users, o.leads, o.owners, k.name, k.responsible_user_id, null
    from owned as o
    left join companies as k on k.company_id = o.card_id
    where o.place = 2
    union all
    select
        o.place, o.card_id, o.users, o.leads, o.owners, l.name, l.responsible_user_id,
        d.contact_id
    from owned as o
    join leads as l on l.lead_id = o.card_id
    join differing as d on d.lead_id = o.card_id
    where o.place = 3
),
named_mains as (
    select d.contact_id, c.name
    from (select contact_id from differing group by contact_id) as d
    join contacts as c on c.contact_id = d.contact_id
)
select
    case o.place when 1 then 'contact:' when 2 then 'company:' else 'lead:' end || o.card_id as ref,
    o.name,
    m.base_url
        || case o.place when 1 then '/contacts' when 2 then '/companies' else '/leads' end
        || '/detail/' || o.card_id as url,
    o.users,
    o.leads,
    o.owners,
    o.responsible_user_id,
    u.name as responsible_user_name,
    o.main_contact_id,
    p.name as main_contact_name
from named as o
cross join meta as m
left join named_mains as p on p.contact_id = o.main_contact_id
left join users as u on u.user_id = o.responsible_user_id
order by o.users desc, o.leads desc, o.place, o.card_id;
