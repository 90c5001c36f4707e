-- title: Leads without a company that their contact has
-- group: Leads
-- question: Which leads lack the company that their contact belongs to?
-- definition: Live leads that no company is linked to, while a contact that speaks for them belongs
--   to a company. The main contact speaks for a lead (all of them, should there be several); where
--   the CRM calls none the main one, the only contact does, whatever its flag. Where a lead has
--   several contacts and none is the main one, nobody speaks for it, and it is not listed. The
--   company is suggested when those who speak for the lead belong to one company together. It is
--   «sure» when no other contact of the lead belongs to another company, else «likely»; where they
--   belong to several companies nothing is suggested and it is «unclear». A link to a card that
--   cannot be read with this user's rights is a link; one to a deleted card is none. The edit is
--   proposed where it is sure, the lead's links are proved to have been read whole, and the
--   suggested company could be read. In order: sure, likely, unclear; the newest lead first, those
--   of an unknown date last; the lower id.
-- parameters: none
-- columns:
--   lead_id: The lead
--   lead_name: Its name
--   lead_url: Its address in the CRM
--   contact_id: The contact that speaks for it and belongs to a company; of several the lowest id
--   contact_name: Its name
--   told_by: «main contact», or «only contact»
--   companies: How many companies those belong to that speak for the lead
--   suggested_company_id: Their company when there is just one
--   suggested_company_name: Its name
--   other_companies: How many companies besides those the other contacts of the lead belong to
--   sure: «sure», «likely» or «unclear»
--   responsible_user_id: The responsible user
--   responsible_user_name: Their name
--   created_at: When it was created (UTC)
--   links_whole: Whether its links are proved to have been read whole; if not, sync the card again
--   fix: The edit that links the suggested company; empty where that is a choice
-- problem: leads without the company of their contact
with bare as (
    select l.lead_id
    from leads as l
    left join lead_companies as lk on lk.lead_id = l.lead_id
    where not l.is_deleted and lk.lead_id is null
),
linked as (
    select
        b.lead_id, lc.contact_id, ck.company_id,
        case when lc.is_main then 1 else 0 end as main
    from bare as b
    join lead_contacts as lc on lc.lead_id = b.lead_id
    join contact_companies as ck on ck.contact_id = lc.contact_id
),
silent as (
    -- leads of which no main contact is known to belong anywhere
    select lead_id
    from linked
    group by lead_id
    having max(main) = 0
),
alone as (
    select s.lead_id
    from silent as s
    join lead_contacts as lc on lc.lead_id = s.lead_id
    group by s.lead_id
    having min(lc.contact_id) = max(lc.contact_id)
),
spoken_for as (
    select
        k.lead_id, max(k.main) as main,
        min(case when k.main = 1 or a.lead_id is not null then k.contact_id end) as contact_id,
        min(case when k.main = 1 or a.lead_id is not null then k.company_id end) as company_id,
        max(case when k.main = 1 or a.lead_id is not null then k.company_id end)
            as last_company_id,
        min(k.company_id) as low, max(k.company_id) as high
    from linked as k
    left join alone as a on a.lead_id = k.lead_id
    group by k.lead_id
    having max(k.main) = 1 or max(a.lead_id) is not null
),
counted as (
    select
        s.lead_id, count(distinct k.company_id) as all_companies,
        count(distinct case when s.main = k.main then k.company_id end) as companies
    from spoken_for as s
    join linked as k on k.lead_id = s.lead_id
    where s.low < s.high
    group by s.lead_id
),
judged as (
    select
        s.lead_id, s.contact_id, s.main, coalesce(n.companies, 1) as companies,
        case when s.company_id = s.last_company_id then s.company_id end as company_id,
        coalesce(n.all_companies - n.companies, 0) as other_companies,
        case
            when s.company_id < s.last_company_id then 3
            when n.all_companies > n.companies then 2
            else 1
        end as place
    from spoken_for as s
    left join counted as n on n.lead_id = s.lead_id
)
select
    j.lead_id,
    l.name as lead_name,
    l.url as lead_url,
    j.contact_id,
    c.name as contact_name,
    case when j.main = 1 then 'main contact' else 'only contact' end as told_by,
    j.companies,
    j.company_id as suggested_company_id,
    k.name as suggested_company_name,
    j.other_companies,
    case j.place when 1 then 'sure' when 2 then 'likely' else 'unclear' end as sure,
    l.responsible_user_id,
    u.name as responsible_user_name,
    l.created_at,
    coalesce(l.links_whole, false) as links_whole,
    case
        when j.place = 1 and l.links_whole and k.company_id is not null
            then 'link lead:' || j.lead_id || ' company:' || j.company_id
    end as fix
from judged as j
join leads as l on l.lead_id = j.lead_id
left join contacts as c on c.contact_id = j.contact_id
left join companies as k on k.company_id = j.company_id
left join users as u on u.user_id = l.responsible_user_id
order by j.place, l.created_at desc nulls last, j.lead_id;
