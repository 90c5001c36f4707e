-- title: Links that only one side shows
-- group: Mirror
-- question: Which links does one card show and the other not?
-- definition: Live links of leads and companies, contacts and companies, customers and contacts, and
--   customers and companies that the card at one end reported and the card at the other did not,
--   though the links of both were read whole. Both cards are live and were read themselves. Links
--   of leads and contacts are left out, since many accounts show these from the lead alone. Where
--   the two were read more than `minutes` apart, or one at an unknown time, the link may simply have
--   been made or removed in between: re-read both first (sync these two cards). In order: those read
--   together first; then by relation (as text), owner and other end.
-- parameters:
--   minutes integer = 10 (0..1000000): Most minutes between the two readings for them to count as
--     made together
-- columns:
--   relation: Kind of link, named owner first
--   owner_ref: The lead, the customer, or the contact of a company
--   owner_name: Its name
--   owner_url: Its address in the CRM
--   other_ref: The card at the other end
--   other_name: Its name
--   other_url: Its address in the CRM
--   seen_from: Type of the card that shows the link
--   missing_from: Type of the card that does not
--   owner_read_at: When the links of the first card were read (UTC)
--   other_read_at: When the links of the other card were read (UTC)
--   reread_first: Whether they were read at different times: re-read both before you trust the row
-- problem: links that one of the two cards does not show
with lone as (
    select relation, from_type, from_id, to_type, to_id, seen_from
    from edges
    where
        is_live and seen_from <> 'both'
        and relation in ('lead_company', 'contact_company', 'customer_contact', 'customer_company')
),
whole as (
    select
        x.relation, x.from_type, x.from_id, x.to_type, x.to_id, x.seen_from,
        a.name as owner_name, a.links_read_at as owner_read_at,
        b.name as other_name, b.links_read_at as other_read_at
    from lone as x
    join leads as a on a.lead_id = x.from_id
    join companies as b on b.company_id = x.to_id
    where x.relation = 'lead_company' and a.links_whole and b.links_whole
    union all
    select
        x.relation, x.from_type, x.from_id, x.to_type, x.to_id, x.seen_from,
        a.name, a.links_read_at, b.name, b.links_read_at
    from lone as x
    join contacts as a on a.contact_id = x.from_id
    join companies as b on b.company_id = x.to_id
    where x.relation = 'contact_company' and a.links_whole and b.links_whole
    union all
    select
        x.relation, x.from_type, x.from_id, x.to_type, x.to_id, x.seen_from,
        a.name, a.links_read_at, b.name, b.links_read_at
    from lone as x
    join customers as a on a.customer_id = x.from_id
    join contacts as b on b.contact_id = x.to_id
    where x.relation = 'customer_contact' and a.links_whole and b.links_whole
    union all
    select
        x.relation, x.from_type, x.from_id, x.to_type, x.to_id, x.seen_from,
        a.name, a.links_read_at, b.name, b.links_read_at
    from lone as x
    join customers as a on a.customer_id = x.from_id
    join companies as b on b.company_id = x.to_id
    where x.relation = 'customer_company' and a.links_whole and b.links_whole
)
select
    cast(w.relation as varchar) as relation,
    w.from_type || ':' || w.from_id as owner_ref,
    w.owner_name,
    m.base_url || case w.from_type
        when 'lead' then '/leads/detail/'
        when 'customer' then '/customers/detail/'
        else '/contacts/detail/'
    end || w.from_id as owner_url,
    w.to_type || ':' || w.to_id as other_ref,
    w.other_name,
    m.base_url || case w.to_type
        when 'contact' then '/contacts/detail/'
        else '/companies/detail/'
    end || w.to_id as other_url,
    cast(w.seen_from as varchar) as seen_from,
    case
        when cast(w.seen_from as varchar) = cast(w.from_type as varchar)
        then cast(w.to_type as varchar) else cast(w.from_type as varchar)
    end as missing_from,
    w.owner_read_at,
    w.other_read_at,
    case
        when w.owner_read_at is null or w.other_read_at is null then true
        when w.owner_read_at > w.other_read_at
        then w.owner_read_at > w.other_read_at + $minutes * interval '1' minute
        else w.other_read_at > w.owner_read_at + $minutes * interval '1' minute
    end as reread_first
from whole as w
cross join meta as m
order by reread_first, cast(w.relation as varchar), w.from_id, w.to_id;
