-- title: Leads with the wrong main contact
-- group: Leads
-- question: Which leads have a main contact from another company than their own?
-- definition: Leads whose main contact does not belong to the lead's company while another contact
--   of the lead does: one row for each such main contact. A main contact without a company is a
--   weaker case (it may only lack its company), and so is one whose card cannot be read with this
--   user's rights. A contact of which the CRM did not say whether it is the main one is not taken
--   for it. The edit is proposed where it is plain: one main contact, one company of the lead, one
--   better contact, which belongs to no other company, all three cards could be read, and the
--   lead's links are proved to have been read whole. Other companies come first, then no company,
--   then unknown ones; then the ids of the lead and of the main contact.
-- parameters:
--   weaker boolean = yes: Whether main contacts without a known company are listed too
-- columns:
--   lead_id: The lead
--   lead_name: Its name
--   lead_url: Its address in the CRM
--   company_id: The lead's company; of several the one with the lowest id
--   company_name: Its name
--   main_contact_id: The main contact
--   main_contact_name: Its name
--   main_company_id: The main contact's company; of several the one with the lowest id
--   main_company_name: Its name
--   kind: «other company», or weaker «no company» or «unknown company»
--   better: How many linked contacts belong to the lead's company
--   better_contact_id: The better contact when there is just one
--   better_contact_name: Its name
--   better_contacts: The better contacts with the five lowest ids, as «name (id)»
--   links_whole: Whether its links are proved to have been read whole; if not, sync the card again
--   fix: The edit that makes the better contact the main one; empty where that is a choice
-- problem: main contacts from another company than the lead's
with several as (
    select lead_id
    from lead_contacts
    where is_main
    group by lead_id
    having count(*) > 1
),
candidates as (
    -- a lead's only main contact need not be looked at: where it belongs, nothing is wrong
    select lead_id, contact_id
    from lead_contacts
    where not coalesce(is_main, false)
    union all
    select lc.lead_id, lc.contact_id
    from several as s
    join lead_contacts as lc on lc.lead_id = s.lead_id
    where lc.is_main
),
belonging as (
    select c.lead_id, c.contact_id
    from candidates as c
    join contact_companies as ck on ck.contact_id = c.contact_id
    join lead_companies as lk on lk.lead_id = c.lead_id and lk.company_id = ck.company_id
    group by c.lead_id, c.contact_id
),
suspects as (
    select lc.lead_id, lc.contact_id
    from (select lead_id from belonging group by lead_id) as b
    join lead_contacts as lc on lc.lead_id = b.lead_id
    where lc.is_main
),
at_home as (
    select s.lead_id, s.contact_id
    from suspects as s
    join contact_companies as ck on ck.contact_id = s.contact_id
    join lead_companies as lk on lk.lead_id = s.lead_id and lk.company_id = ck.company_id
    group by s.lead_id, s.contact_id
),
wrong as (
    select s.lead_id, s.contact_id
    from suspects as s
    left join at_home as h on h.lead_id = s.lead_id and h.contact_id = s.contact_id
    where h.lead_id is null
),
wrong_lead as (
    select lead_id
    from wrong
    group by lead_id
),
lead_company as (
    select w.lead_id, min(lk.company_id) as company_id, count(*) as companies
    from wrong_lead as w
    join lead_companies as lk on lk.lead_id = w.lead_id
    group by w.lead_id
),
mains as (
    select w.lead_id, count(*) as contacts
    from wrong_lead as w
    join suspects as s on s.lead_id = w.lead_id
    group by w.lead_id
),
placed as (
    select
        b.lead_id, b.contact_id,
        row_number() over (partition by b.lead_id order by b.contact_id) as place
    from wrong_lead as w
    join belonging as b on b.lead_id = w.lead_id
),
people as (
    -- names are looked up once, for the few who are named
    select k.contact_id, k.name
    from (
        select contact_id from wrong
        union
        select contact_id from placed where place <= 5
    ) as c
    join contacts as k on k.contact_id = c.contact_id
),
labelled as (
    select
        p.lead_id, p.contact_id, p.place, k.name, k.contact_id as known_id,
        coalesce(left(nullif(k.name, ''), 80) || ' ', '') || '(' || p.contact_id || ')' as label
    from placed as p
    left join people as k on k.contact_id = p.contact_id
),
better as (
    select
        lead_id, count(*) as contacts,
        case when count(*) = 1 then min(contact_id) end as contact_id,
        case when count(*) = 1 then min(name) end as name,
        count(known_id) as known,
        max(case when place = 1 then label end)
            || coalesce(', ' || max(case when place = 2 then label end), '')
            || coalesce(', ' || max(case when place = 3 then label end), '')
            || coalesce(', ' || max(case when place = 4 then label end), '')
            || coalesce(', ' || max(case when place = 5 then label end), '')
            as sample
    from labelled
    group by lead_id
),
belongings as (
    select c.contact_id, min(ck.company_id) as company_id, count(*) as companies
    from (
        select contact_id from wrong
        union
        select contact_id from better
    ) as c
    join contact_companies as ck on ck.contact_id = c.contact_id
    group by c.contact_id
)
select
    w.lead_id,
    l.name as lead_name,
    m.base_url || '/leads/detail/' || w.lead_id as lead_url,
    lk.company_id,
    lead_card.name as company_name,
    w.contact_id as main_contact_id,
    k.name as main_contact_name,
    ck.company_id as main_company_id,
    main_card.name as main_company_name,
    case
        when ck.company_id is not null then 'other company'
        when k.contact_id is not null then 'no company'
        else 'unknown company'
    end as kind,
    b.contacts as better,
    b.contact_id as better_contact_id,
    b.name as better_contact_name,
    b.sample as better_contacts,
    coalesce(l.links_whole, false) as links_whole,
    case
        when
            n.contacts = 1 and lk.companies = 1 and bk.companies = 1 and b.known = 1
            and l.links_whole and k.contact_id is not null
            then 'main lead:' || w.lead_id || ' contact:' || b.contact_id
    end as fix
from wrong as w
cross join meta as m
join mains as n on n.lead_id = w.lead_id
join better as b on b.lead_id = w.lead_id
join lead_company as lk on lk.lead_id = w.lead_id
left join belongings as bk on bk.contact_id = b.contact_id
left join belongings as ck on ck.contact_id = w.contact_id
left join leads as l on l.lead_id = w.lead_id
left join people as k on k.contact_id = w.contact_id
left join companies as lead_card on lead_card.company_id = lk.company_id
left join companies as main_card on main_card.company_id = ck.company_id
where $weaker or ck.company_id is not null
order by
    case
        when ck.company_id is not null then 1
        when k.contact_id is not null then 2
        else 3
    end,
    w.lead_id, w.contact_id;
