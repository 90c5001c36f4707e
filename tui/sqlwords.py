"""The words of SQL that people write over a snapshot: what is offered, and what is coloured."""

#: What people write in a SELECT, words that go together as one.
KEYWORDS = (
    *("select", "distinct", "from", "where", "group by", "group by all", "having", "qualify"),
    *("order by", "order by all", "limit", "offset", "with", "with recursive", "as", "on", "using"),
    *("join", "left join", "right join", "full join", "cross join", "semi join", "anti join"),
    *("asof join", "lateral", "union", "union all", "union all by name", "intersect", "except"),
    *("and", "or", "not", "in", "is", "is null", "is not null", "is distinct from", "between"),
    *("like", "ilike", "not like", "similar to", "exists", "any", "all", "case", "when", "then"),
    *("else", "end", "asc", "desc", "nulls first", "nulls last", "over", "partition by", "window"),
    *("rows between", "unbounded preceding", "current row", "filter", "exclude", "replace"),
    *("columns", "cast", "try_cast", "interval", "extract", "true", "false", "null", "values"),
    *("pivot", "unpivot", "describe", "summarize", "show tables", "explain", "explain analyze"),
    *("coalesce", "date", "timestamp", "bigint", "integer", "varchar", "double", "boolean"),
)
#: Those that go on after something whole: a name, a number, a bracket that closes.
GOING_ON = frozenset(
    {"from", "where", "group by", "group by all", "having", "qualify", "order by", "order by all"}
    | {"limit", "offset", "as", "on", "using", "join", "left join", "right join", "full join"}
    | {"cross join", "semi join", "anti join", "asof join", "union", "union all"}
    | {"union all by name", "intersect", "except", "and", "or", "not", "in", "is", "is null"}
    | {"is not null", "is distinct from", "between", "like", "ilike", "not like", "similar to"}
    | {"when", "then", "else", "end", "asc", "desc", "nulls first", "nulls last", "over"}
    | {"partition by", "filter", "exclude", "replace", "window", "rows between"}
)
#: Keywords after which something has yet to come; any other may be a name, such as `type`.
OPENING = frozenset(
    {"select", "distinct", "where", "having", "qualify", "by", "limit", "offset", "on", "using"}
    | {"and", "or", "not", "in", "is", "between", "like", "ilike", "to", "case", "when", "then"}
    | {"else", "from", "join", "with", "recursive", "all", "any", "exists", "union", "except"}
    | {"intersect", "over", "filter", "explain", "analyze", "values", "interval", "lateral"}
)
#: Each of the words by itself, but for one that is the name of a column more often.
WORDS = frozenset(word for phrase in KEYWORDS for word in phrase.split()) - {"name"} | OPENING
