-- title: Leads without a contact
-- group: Leads
-- question: Which leads have nobody to call?
-- definition: Live leads that no contact is linked to. A link to a contact that cannot be read with
--   this user's rights is a link; one to a deleted contact is none. Incoming leads (the status in
--   which they stand is that of leads not yet accepted) are left out unless asked for. The newest
--   come first, those of unknown date last, equal ones by id.
-- parameters:
--   incoming_leads boolean = no: Whether incoming leads are listed too
-- columns:
--   lead_id: The lead
--   lead_name: Its name
--   lead_url: Its address in the CRM
--   pipeline_id: The pipeline in which it stands
--   pipeline_name: Its name
--   status_id: The status in which it stands
--   status_name: Its name
--   responsible_user_id: The responsible user
--   responsible_user_name: Their name
--   created_at: When it was created (UTC)
--   company_id: The company it is linked to, if any; of several the one with the lowest id
--   company_name: Its name
--   links_whole: Whether its links are proved to have been read whole; if not, sync the card again
-- problem: leads without a contact
with bare as (
    select l.lead_id
    from leads as l
    left join lead_contacts as lc on lc.lead_id = l.lead_id
    where not l.is_deleted and lc.lead_id is null
),
lead_company as (
    select b.lead_id, min(lk.company_id) as company_id
    from bare as b
    join lead_companies as lk on lk.lead_id = b.lead_id
    group by b.lead_id
)
select
    l.lead_id,
    l.name as lead_name,
    l.url as lead_url,
    l.pipeline_id,
    p.name as pipeline_name,
    l.status_id,
    s.name as status_name,
    l.responsible_user_id,
    u.name as responsible_user_name,
    l.created_at,
    lk.company_id,
    k.name as company_name,
    coalesce(l.links_whole, false) as links_whole
from bare as b
join leads as l on l.lead_id = b.lead_id
left join pipelines as p on p.pipeline_id = l.pipeline_id
left join statuses as s on s.pipeline_id = l.pipeline_id and s.status_id = l.status_id
left join users as u on u.user_id = l.responsible_user_id
left join lead_company as lk on lk.lead_id = l.lead_id
left join companies as k on k.company_id = lk.company_id
where $incoming_leads or not coalesce(s.is_unsorted, false)
order by l.created_at desc nulls last, l.lead_id;
