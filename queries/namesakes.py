"""Names made comparable: their words, whatever their order, case and punctuation.

The words of a name are its runs of letters and digits (Unicode, composed), in lower case and with ё
as е, in the order of code points, joined by blanks. A name without a letter has none: a phone or a
dash stands in its place.
"""

#: DuckDB's expression for the words of the column `name`; null where it has no letter.
WORDS = """case when regexp_matches(name, '\\p{L}') then array_to_string(
    list_sort(regexp_extract_all(
        replace(lower(nfc_normalize(name)), 'ё', 'е'), '[\\p{L}\\p{N}]+'
    )), ' '
) end"""

#: The same of all live contacts (contact_id, words), those without left out. Names of two plain
#: words, as most are, need no list: that takes a third of the time.
WORDS_OF_CONTACTS = f"""
select contact_id, words
from (
    select
        contact_id,
        case
            when regexp_full_match(low, '[a-zа-я]+ [a-zа-я]+') then
                least(split_part(low, ' ', 1), split_part(low, ' ', 2)) || ' '
                || greatest(split_part(low, ' ', 1), split_part(low, ' ', 2))
            else {WORDS}
        end as words
    from (
        select contact_id, name, replace(lower(name), 'ё', 'е') as low
        from contacts where not is_deleted
    )
)
where words is not null
"""


def are_the_same(words: str | None, other: str | None) -> bool | None:
    """Whether the words of one name are all among those of the other; None where one has none.

    >>> are_the_same("иван петров", "петров")
    True
    """
    if words is None or other is None:
        return None
    few, many = sorted((set(words.split(" ")), set(other.split(" "))), key=len)
    return few <= many
