-- title: Links that were added, removed or changed
-- group: Changes
-- question: Which links changed between two syncs?
-- definition: Links that stand in the later of two snapshots and not in the earlier (added), in the
--   earlier and not in the later (removed), or in both with another main flag, quantity or price
--   (changed; a value that was not told differs from one that was). A link stands in a snapshot
--   when it is there and neither card is known to be deleted. That it does not stand there is
--   believed only with a proof in that snapshot, for a failed read is no removal and a late first
--   read is no addition: a card that tells of such links has been read whole (its links_whole is
--   true), or one of the two cards is deleted there, or, in the earlier one, one of the two cards
--   has no row there and was created, as the later one says, at or after the moment at which the
--   earlier was taken. The owner tells of all its links; of those of a lead, a contact or a
--   customer with a company the company tells too, of those of a customer with a contact the
--   contact too; catalog elements tell of nothing. A changed link is listed only where the owner
--   has been read whole in both. Without such proof nothing is said of a link. A link that went
--   with a deleted card is removed, one that came back with a restored card is added. The edit
--   proposed is the inverse one, and only where both cards have a row in the later snapshot and are
--   not deleted, the relation is not «other» and the catalog of an
--   element is known: to unlink what was added; to link what was removed, with the metadata told of
--   it; of a changed element link, to link it with the earlier quantity and price, as far as they
--   are told, where each that differs was told; of a contact that was the main one and is not told
--   to be so any more, to make it the main one. Who changed a link and when is not known: the
--   events of the CRM are not mirrored. Rows go by change, relation, owner's type, owner's id, type
--   at the other end, catalog and id; words in alphabetical order.
-- parameters:
--   since snapshot = previous: The earlier snapshot
--   until snapshot = newest: The later snapshot
--   change text = any (any | added | removed | changed): Which changes are listed
--   relation text = any (any | lead_contact | lead_company | contact_company | customer_contact |
--     customer_company | lead_element | contact_element | company_element | customer_element |
--     other): Links of which kind are listed
-- columns:
--   change: «added», «removed» or «changed»
--   relation: The kind of link
--   owner_ref: The card that owns the link: the lead, else the customer, else the contact, else the
--     company
--   owner_name: Its name in the later snapshot; where it has no row there, in the earlier
--   owner_url: Its address in the CRM
--   other_ref: The card at the other end
--   other_name: Its name in the later snapshot; where it has no row there, in the earlier
--   other_url: Its address in the CRM; none for an element of unknown catalog
--   along_with: «deleted card» for a removed link of which a card is deleted in the later
--     snapshot; for an added one «restored card» where a card is deleted in the earlier, else
--     «new card» where a card has no row there and was created at or after the moment at which it
--     was taken; else empty
--   old_is_main: Whether the contact was the main one; empty: not told, or the link was not there
--   new_is_main: Whether it is the main one now; empty: not told, or the link is not there
--   old_quantity: The earlier quantity of a catalog element
--   new_quantity: The later one
--   old_price: The earlier id of the price field set for a catalog element
--   new_price: The later one
--   fix: The edit that restores the earlier state; empty where it is not plain
with differing as (
    select
        case
            when o.from_id is null then 'added'
            when n.from_id is null then 'removed'
            else 'changed'
        end as change,
        cast(coalesce(n.relation, o.relation) as varchar) as relation,
        cast(coalesce(n.from_type, o.from_type) as varchar) as from_type,
        coalesce(n.from_id, o.from_id) as from_id,
        cast(coalesce(n.to_type, o.to_type) as varchar) as to_type,
        coalesce(n.to_catalog_id, o.to_catalog_id) as to_catalog_id,
        coalesce(n.to_id, o.to_id) as to_id,
        o.is_main as old_is_main,
        n.is_main as new_is_main,
        o.quantity as old_quantity,
        n.quantity as new_quantity,
        o.price_id as old_price,
        n.price_id as new_price
    from (
        select
            relation, from_type, from_id, to_type, to_catalog_id, to_id,
            is_main, quantity, price_id
        from edges
        where is_live and ($relation = 'any' or cast(relation as varchar) = $relation)
    ) as n
    full outer join (
        select
            relation, from_type, from_id, to_type, to_catalog_id, to_id,
            is_main, quantity, price_id
        from older.edges
        where is_live and ($relation = 'any' or cast(relation as varchar) = $relation)
    ) as o
        on o.relation = n.relation and o.from_id = n.from_id and o.to_id = n.to_id
        and o.to_catalog_id = n.to_catalog_id and o.from_type = n.from_type
        and o.to_type = n.to_type
    where
        n.from_id is null or o.from_id is null or n.is_main is distinct from o.is_main
        or n.quantity is distinct from o.quantity or n.price_id is distinct from o.price_id
),
ends as (
    select from_type as type, cast(0 as bigint) as catalog_id, from_id as id
    from differing
    where $change = 'any' or change = $change
    union
    select to_type, to_catalog_id, to_id
    from differing
    where $change = 'any' or change = $change
),
present as (
    select e.type, e.catalog_id, e.id, c.name, c.is_deleted, c.links_whole, c.created_at
    from ends as e
    join leads as c on c.lead_id = e.id
    where e.type = 'lead'
    union all
    select e.type, e.catalog_id, e.id, c.name, c.is_deleted, c.links_whole, c.created_at
    from ends as e
    join customers as c on c.customer_id = e.id
    where e.type = 'customer'
    union all
    select e.type, e.catalog_id, e.id, c.name, c.is_deleted, c.links_whole, c.created_at
    from ends as e
    join contacts as c on c.contact_id = e.id
    where e.type = 'contact'
    union all
    select e.type, e.catalog_id, e.id, c.name, c.is_deleted, c.links_whole, c.created_at
    from ends as e
    join companies as c on c.company_id = e.id
    where e.type = 'company'
    union all
    select e.type, e.catalog_id, e.id, c.name, c.is_deleted, false, c.created_at
    from ends as e
    join elements as c on c.element_id = e.id and c.catalog_id = e.catalog_id
    where e.type = 'element'
),
former as (
    select e.type, e.catalog_id, e.id, c.name, c.is_deleted, c.links_whole
    from ends as e
    join older.leads as c on c.lead_id = e.id
    where e.type = 'lead'
    union all
    select e.type, e.catalog_id, e.id, c.name, c.is_deleted, c.links_whole
    from ends as e
    join older.customers as c on c.customer_id = e.id
    where e.type = 'customer'
    union all
    select e.type, e.catalog_id, e.id, c.name, c.is_deleted, c.links_whole
    from ends as e
    join older.contacts as c on c.contact_id = e.id
    where e.type = 'contact'
    union all
    select e.type, e.catalog_id, e.id, c.name, c.is_deleted, c.links_whole
    from ends as e
    join older.companies as c on c.company_id = e.id
    where e.type = 'company'
    union all
    select e.type, e.catalog_id, e.id, c.name, c.is_deleted, false
    from ends as e
    join older.elements as c on c.element_id = e.id and c.catalog_id = e.catalog_id
    where e.type = 'element'
),
known as (
    select
        e.type, e.catalog_id, e.id,
        e.type || ':' || case when e.type = 'element' then e.catalog_id || '/' else '' end || e.id
            as ref,
        m.base_url || case e.type
            when 'lead' then '/leads/detail/' || e.id
            when 'customer' then '/customers/detail/' || e.id
            when 'contact' then '/contacts/detail/' || e.id
            when 'company' then '/companies/detail/' || e.id
            when 'element'
                then case
                    when e.catalog_id > 0
                        then '/catalogs/' || e.catalog_id || '/detail/' || e.id
                end
        end as url,
        case when p.id is not null then p.name else f.name end as name,
        p.id is not null and not p.is_deleted as is_live,
        coalesce(p.is_deleted, false) as is_gone,
        coalesce(p.links_whole, false) as is_whole,
        coalesce(f.is_deleted, false) as was_gone,
        coalesce(f.links_whole, false) as was_whole,
        f.id is null and coalesce(p.created_at >= b.taken_at, false) as is_new
    from ends as e
    cross join meta as m
    cross join older.meta as b
    left join present as p on p.type = e.type and p.catalog_id = e.catalog_id and p.id = e.id
    left join former as f on f.type = e.type and f.catalog_id = e.catalog_id and f.id = e.id
)
select
    d.change,
    d.relation,
    a.ref as owner_ref,
    a.name as owner_name,
    a.url as owner_url,
    z.ref as other_ref,
    z.name as other_name,
    z.url as other_url,
    case
        when d.change = 'removed' and (a.is_gone or z.is_gone) then 'deleted card'
        when d.change = 'added' and (a.was_gone or z.was_gone) then 'restored card'
        when d.change = 'added' and (a.is_new or z.is_new) then 'new card'
    end as along_with,
    d.old_is_main,
    d.new_is_main,
    d.old_quantity,
    d.new_quantity,
    d.old_price,
    d.new_price,
    case
        when not a.is_live or not z.is_live or d.relation = 'other' then null
        when d.to_type = 'element' and d.to_catalog_id = 0 then null
        when d.change = 'added' then 'unlink ' || a.ref || ' ' || z.ref
        when
            d.change = 'removed'
            or (
                d.to_type = 'element'
                and (d.old_quantity is not null or d.new_quantity is null)
                and (d.old_price is not null or d.new_price is null)
            )
            then
                'link ' || a.ref || ' ' || z.ref
                || case
                    when d.to_type <> 'contact' or d.old_is_main is null then ''
                    when d.old_is_main then ' main=yes'
                    else ' main=no'
                end
                || case
                    when d.old_quantity = floor(d.old_quantity) and abs(d.old_quantity) < 1e15
                        then ' quantity=' || cast(d.old_quantity as bigint)
                    else coalesce(' quantity=' || cast(d.old_quantity as varchar), '')
                end
                || coalesce(' price=' || cast(d.old_price as varchar), '')
        when d.to_type = 'contact' and d.old_is_main and not coalesce(d.new_is_main, false)
            then 'main ' || a.ref || ' ' || z.ref
    end as fix
from differing as d
join known as a on a.type = d.from_type and a.catalog_id = 0 and a.id = d.from_id
join known as z on z.type = d.to_type and z.catalog_id = d.to_catalog_id and z.id = d.to_id
where
    ($change = 'any' or d.change = $change)
    and (
        (d.change = 'changed' and a.is_whole and a.was_whole)
        or (
            d.change = 'added'
            and (
                a.was_whole or a.was_gone or z.was_gone or a.is_new or z.is_new
                or (
                    z.was_whole
                    and d.relation in (
                        'lead_company', 'contact_company', 'customer_contact', 'customer_company'
                    )
                )
            )
        )
        or (
            d.change = 'removed'
            and (
                a.is_whole or a.is_gone or z.is_gone
                or (
                    z.is_whole
                    and d.relation in (
                        'lead_company', 'contact_company', 'customer_contact', 'customer_company'
                    )
                )
            )
        )
    )
order by d.change, d.relation, d.from_type, d.from_id, d.to_type, d.to_catalog_id, d.to_id;
