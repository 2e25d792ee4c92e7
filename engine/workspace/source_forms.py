"""The shape of what looptop.toml says about files and persons: sources, lookups, channels, identity."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Discriminator, Tag

from engine.workspace.forms import Form, Number, Scalar, Words, form_of, key


class ExprForm(Form):
    expr: str = key("an expression over the file's own columns")


ColumnForm = Annotated[
    Annotated[str, Tag("form:text")]
    | Annotated[list[str], Tag("form:list")]
    | Annotated[ExprForm, Tag("form:table")],
    Discriminator(form_of),
]


class EventColumnForm(Form):
    column: str = key("column of the file that says what happened")
    values: dict[str, str] = key("event by value of that column", {})
    others: Literal["pass", "filter", "reject"] = key("what happens to other values", "pass")


class EventCasesForm(Form):
    cases: list[list[str]] = key("pairs [condition, event]; the first that holds")


EventForm = Annotated[
    Annotated[str, Tag("form:text")]
    | Annotated[EventColumnForm, Tag("form:table")]
    | Annotated[EventCasesForm, Tag("form:cases")],
    Discriminator(form_of),
]
MomentForm = Annotated[
    Annotated[str, Tag("form:text")]
    | Annotated[list[str], Tag("form:list")]
    | Annotated[dict[str, ColumnForm], Tag("form:table")],
    Discriminator(form_of),
]


class SourceForm(Form):
    name: str = key("name of the source; each once")
    files: list[str] | None = key(
        "globs relative to the workspace; ** crosses folders", None, "this or `sql`", min_length=1
    )
    table: Literal["events", "spend", "profiles", "targets"] = key("where its rows go")
    preset: str | None = key("a column layout: shipped with looptop, or a [[layout]]", None)
    columns: dict[str, ColumnForm] = key('canonical column = "name", ["day", "time"] or { expr = "…" }', {})
    constants: dict[str, Scalar] = key("value of a column for every row", {})
    values: dict[str, dict[str, str]] = key("canonical spelling of values, by column", {})
    null_values: list[str] = key("texts that mean nothing is there", [])
    scale: dict[str, Literal["micros", "cents", "percent"]] = key("unit of a number, by column", {})
    stale_after: str | None = key("its newest fact older than this: stale", None)
    late: str | None = key(
        "how long after a day its facts may still come or be restated: numbers younger than this are"
        " provisional, 2d",
        None,
    )
    overlap: Literal["newest", "sum", "conflict"] = key(
        "spend without dedupe: what a re-export of a day means", "newest"
    )
    event: EventForm | None = key(
        '"order", { column, values, others } or { cases = [["condition", "event"]] }', None
    )
    personal: list[str] = key(
        "columns that are shown masked and go with an erased person, beside identifiers, names and addresses",
        [],
    )
    dedupe: list[str] = key("key columns: the same again is a duplicate", [])
    keep: Literal["first", "last"] = key("which duplicate stays, by (ts, file, line)", "first")
    moments: dict[str, MomentForm] = key('event = "time column" or { ts = "…", other columns }', {})
    where: str | None = key("rows that count; the others are filtered", None)
    encoding: str | None = key("encoding of the files", None, "found")
    delimiter: str | None = key("delimiter of the files", None, "found")
    decimal: Literal[".", ","] | None = key("decimal mark", None, ".")
    sheet: str | None = key("sheet of a workbook", None, "the first")
    header_row: int | None = key("line of the header, from 1", None, "found", ge=1)
    no_header: bool = key("the file has no header: columns are column_1, column_2 …", False)
    date_format: str | None = key("strptime pattern of dates", None, "found")
    date_from: str | None = key('date in the file name: "file:%Y-%m-%d"; several separated by |', None)
    year: int | None = key("year of dates without one", None, ge=1900, le=2200)
    timezone: str | None = key("zone of times without one", None, "the console's")
    sql: str | None = key(
        "a statement that reads rows of a database; `:cursor` in it is how far it has been read", None
    )
    connect_env: str | None = key(
        "environment variable that holds the database's address: sqlite:///path, postgresql://…, mysql://…",
        None,
    )
    cursor: str | None = key(
        "column of the result that grows with every new or changed row; the statement asks for what is "
        "greater than (or at least) `:cursor`",
        None,
        "the whole result, each time",
    )
    poll: str | None = key("how often the database is asked", None, "60s")
    timeout: str | None = key("longest time that the statement may take", None, "60s")


class QualityForm(Form):
    source: str = key("the source that it is about")
    name: str | None = key(
        "what it is called; each once", None, "source.column, or source.check and a number"
    )
    column: str | None = key(
        "the column that is tested: a canonical one that the source fills, or the file's own", None
    )
    check: str | None = key(
        "a condition over these columns that holds for each row; unknown counts as holding", None
    )
    not_null: bool = key("the column is filled in each row", False)
    unique: bool = key("no value of the column comes twice in the source", False)
    allowed: list[str] = key("the only values of the column", [])
    max_empty: str | Number | None = key('share of rows in which the column may be empty: "2%" or 0.02', None)
    max_share: str | Number | None = key("share of rows that may break it", None, "0")
    severity: Literal["info", "warning", "error"] = key(
        "`looptop quality --fail` exits with 1 for an error", "warning"
    )
    action: Literal["report", "reject"] = key("whether a row that breaks it still goes in", "report")


AddForm = Annotated[
    Annotated[list[str], Tag("form:list")] | Annotated[dict[str, str], Tag("form:table")],
    Discriminator(form_of),
]


LayoutColumnForm = Annotated[
    Annotated[str, Tag("form:text")]
    | Annotated[list[str], Tag("form:list")]
    | Annotated[ExprForm, Tag("form:table")],
    Discriminator(form_of),
]
LayoutMomentForm = Annotated[
    Annotated[str, Tag("form:text")]
    | Annotated[list[str], Tag("form:list")]
    | Annotated[dict[str, LayoutColumnForm], Tag("form:table")],
    Discriminator(form_of),
]


class LayoutForm(Form):
    name: str = key("name of the layout; that of a shipped one replaces it")
    table: Literal["events", "spend", "profiles", "targets"] | None = key(
        "where its rows go", None, "that of `like`"
    )
    like: str | None = key("a layout whose keys hold where this one says nothing", None)
    label: Words = key("name by language", {})
    header: list[str] = key("the columns as the platform writes them", [])
    needs: list[str] = key(
        "columns that a file must have; other names of the same column after |", [], "the `header`"
    )
    without: list[str] = key("columns that a file must not have", [])
    columns: dict[str, LayoutColumnForm] = key(
        'canonical column = the names it may have, the best first; "day+hour" joins two; { expr = "…" }', {}
    )
    constants: dict[str, Scalar] = key("value of a column for every row", {})
    null_values: list[str] = key("texts that mean nothing is there", [])
    scale: dict[str, Literal["micros", "cents", "percent"]] = key(
        "unit of a number, by column of the file", {}
    )
    event: EventForm | None = key("as in [[source]]; names of columns in quotes", None)
    moments: dict[str, LayoutMomentForm] = key('event = "time column" or { ts = "…", other columns }', {})
    where: str | None = key("rows that count; the others are filtered", None)
    dedupe: list[str] = key("key columns: the same again is a duplicate", [])
    keep: Literal["first", "last"] | None = key("which duplicate stays, by (ts, file, line)", None, "first")
    date_from: str | None = key("date in the file name, where no column has one", None)
    timezone: str | None = key("zone of times without one", None, "the source's")
    paths: list[str] = key("words of a path that speak for it where several fit", [])
    generic: bool = key("taken only where no other layout fits", False)
    weight: int = key("added to the count of columns that decides between two generic ones", 0)


class LookupForm(Form):
    file: str = key("a file with a key and more columns")
    on: str = key("column of the facts that is the key")
    add: AddForm = key('columns to add: a list, or name = "the file\'s column"')
    column: str | None = key("the file's column with the key", None, "the one named like `on`")
    valid_from: str | None = key(
        "the file's column with the first day on which a row holds", None, "`valid_from`, where it has one"
    )
    valid_to: str | None = key(
        "the file's column with the last day on which a row holds", None, "`valid_to`, where it has one"
    )
    encoding: str | None = key("encoding of the file", None, "found")
    delimiter: str | None = key("delimiter of the file", None, "found")
    sheet: str | None = key("sheet of a workbook", None, "the first")
    date_format: str | None = key("strptime pattern of its dates", None, "found")
    null_values: list[str] = key("texts that mean nothing is there", [])


class ChannelForm(Form):
    when: str = key("condition over utm_*, referrer and the other columns of an event")
    channel: str = key("the channel it means")


class TrafficForm(Form):
    bots: bool = key("leave out events of programs, by the shipped list of user agents", True)
    user_agents: list[str] = key("more pieces of user agents that are programs", [])
    bot_column: str | None = key("column of the file that says true for a program", None)
    internal: list[str] = key("conditions over the file's own columns: one's own people and tests", [])
    sites: list[str] = key("one's own hosts: as referrers they are no channel", [], "the page's own site")


class BlockedForm(Form):
    """Lists by identifier type or `any`, and `regex` by the same."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)
    __pydantic_extra__: dict[str, list[str]]
    regex: dict[str, list[str]] = key("patterns by identifier type or `any`", {})


class IdentityForm(Form):
    priority: list[str] | None = key("identifier types, strongest first", None, "see identity", min_length=1)
    limit: dict[str, int] = key("how many of a type one person may have", {}, "see identity")
    fanout: dict[str, dict[str, int]] = key(
        "with more values of another type than this, a value is shared", {}, "see identity"
    )
    blocked: BlockedForm | None = key("values that identify nobody, by type or `any`", None, "see identity")
    always_link: list[list[str]] = key("pairs of type:value that are one person", [])
    never_link: list[list[str]] = key("pairs of type:value that are not", [])
