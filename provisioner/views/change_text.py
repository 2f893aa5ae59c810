"""One change as a block of lines: a comment that says what happens, then the attributes."""

from __future__ import annotations

from provisioner.plan import Action, Change, ChangeSeverity
from provisioner.views import escape
from provisioner.views.attributes import deeper, draw
from provisioner.views.comparison import Group, Pair, Part, Value, compare, identity, whole
from provisioner.views.scalars import Unknown
from provisioner.views.style import Paint

_SENTENCES = {
    Action.CREATE: "will be created",
    Action.UPDATE: "will be updated in-place",
    Action.REPLACE: "must be replaced",
    Action.DELETE: "will be destroyed",
    Action.FORGET: "will no longer be managed, but will not be destroyed",
    Action.NO_OP: "is up to date",
}
_IMPORTED = {True: "will be imported", False: "will be imported and updated in-place"}
_KEPT = "the old object stays for now: something outside of this plan still refers to it"


def planned(change: Change, weight: ChangeSeverity | None, paint: Paint) -> str:
    """Show what apply would do."""
    deposed = f" (deposed object {escape.line(change.id or '?')})" if change.deposed else ""
    title = f"{change.address}{deposed} {_SENTENCES[change.action]}"
    if change.requested:
        title = f"{change.address} will be replaced, as requested"
    if change.importing:
        title = f"{change.address} {_IMPORTED[change.only_address]}"
    elif change.only_address:
        title = f"{change.previous_address} has moved to {change.address}"
    forced = change.action is Action.REPLACE and not change.requested
    remark = paint("-", "  # forces replacement") if forced else ""
    body = draw(_parts(change), paint, remark=remark)
    return _block(change, title, body, paint, weight)


def drifted(change: Change, paint: Paint) -> str:
    """Show how a live object differs from what was last applied."""
    if change.action is not Action.DELETE:
        body = draw(_parts(change), paint)
        return _block(change, f"{change.address} has changed", body, paint)
    body = draw(_with_id(change, identity(change.before, "-"), "-"), paint, noun="")
    return _block(change, f"{change.address} has been deleted", body, paint)


def contrasted(
    change: Change, weight: ChangeSeverity | None, names: tuple[str, str], paint: Paint
) -> str:
    """Show how something is declared in one place and in another, which have these names."""
    before, after = map(escape.line, names)
    if change.action is Action.CREATE:
        title, body = f"{change.address} is only in {after}", whole(change.after, "+")
    elif change.action is Action.DELETE:
        title, body = f"{change.address} is only in {before}", whole(change.before, "-")
    else:
        title = f"{change.address} differs"
        body = compare(change.differences, change.before, change.after)
    if change.only_address:
        title = f"{change.previous_address} is {change.address} in {after}"
    return _block(change, title, draw(body, paint), paint, weight)


def _block(
    change: Change,
    title: str,
    body: list[str],
    paint: Paint,
    weight: ChangeSeverity | None = None,
) -> str:
    """Put the comments, the head and the attributes together."""
    mark = " " if change.only_address else change.action.value
    head = f'{change.address.kind} "{change.address.name}" {{'
    comments = [paint("strong", f"  # {title}")]
    comments += [f"  # ({escape.line(change.reason)})"] if change.reason else []
    comments += [f"  # ({_KEPT})"] if change.keep_old else []
    if change.importing and not change.only_address:
        comments.append(f"  # (imported from {escape.quoted(change.id or '?')})")
    elif change.previous_address and not change.only_address:
        comments.append(f"  # (moved from {change.previous_address})")
    comments += [f"  # severity: {weight.value}"] if weight else []
    indent = "" if len(mark) > 1 else "  "
    lines = [*comments, f"{indent}{paint(mark, mark)} {head}", *deeper(body), "    }"]
    return "\n".join(lines)


def _parts(change: Change) -> Group:
    """Choose what is shown: everything, what differs, or only which object it is."""
    if change.action is Action.CREATE:
        return _with_id(change, whole(change.after, "+"), "+")
    if change.action is Action.DELETE:
        return _with_id(change, whole(change.before, "-"), "-")
    if change.action is Action.FORGET:
        return _with_id(change, identity(change.before, " "), " ")
    return _with_id(change, compare(change.differences, change.before, change.after), " ")


def _with_id(change: Change, group: Group, mark: str) -> Group:
    """Put the object's id first."""
    part: Part
    if change.action is Action.CREATE:
        part = Value(mark, Unknown.ID)
    elif change.action is Action.REPLACE:
        part = Pair(change.id, Unknown.ID)
    else:
        part = Value(mark, change.id)
    return Group(group.mark, (("id", part), *group.entries), group.hidden, group.is_list)
