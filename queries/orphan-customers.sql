-- title: Orphan customers
-- group: Customers
-- question: Which customers are nobody's?
-- definition: Live customers with no link to a contact or a company. Catalog elements do not count:
--   a customer that has only these is listed, with how many. A link to a card that cannot be read
--   with this user's rights is a link; one to a deleted card is none. The newest come first, those
--   of unknown date last, equal ones by id.
-- parameters: none
-- columns:
--   customer_id: The customer
--   customer_name: Its name
--   customer_url: Its address in the CRM
--   elements: How many catalog elements it is linked to
--   created_at: When it was created (UTC)
--   responsible_user_id: The responsible user
--   responsible_user_name: Their name
--   links_whole: Whether its links are proved to have been read whole; if not, sync the card again
-- problem: customers without a contact and a company
with linked as (
    select customer_id from customer_contacts
    union all
    select customer_id from customer_companies
),
orphan as (
    select c.customer_id
    from customers as c
    left join linked as k on k.customer_id = c.customer_id
    where not c.is_deleted and k.customer_id is null
),
held as (
    select o.customer_id, count(*) as elements
    from orphan as o
    join element_links as x on x.owner_id = o.customer_id and x.owner_type = 'customer'
    group by o.customer_id
)
select
    c.customer_id,
    c.name as customer_name,
    c.url as customer_url,
    coalesce(h.elements, 0) as elements,
    c.created_at,
    c.responsible_user_id,
    u.name as responsible_user_name,
    coalesce(c.links_whole, false) as links_whole
from orphan as o
join customers as c on c.customer_id = o.customer_id
left join held as h on h.customer_id = o.customer_id
left join users as u on u.user_id = c.responsible_user_id
order by c.created_at desc nulls last, c.customer_id;
