"""Accepting: what was edited at the service becomes what the manifests say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from provisioner.accepting.edits import baseline, edits
from provisioner.accepting.ground import ObstacleError, Proposal
from provisioner.accepting.placing import in_order, proposals
from provisioner.accepting.refusals import (
    conflicting,
    gone,
    hidden,
    is_sensitive,
    unknown_to_manifests,
    unplaceable,
    unrecorded,
    unwritable,
)
from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Position, warning
from provisioner.editing.extents import Unplaceable
from provisioner.errors import ManifestError, PlanError
from provisioner.kinds import KINDS
from provisioner.operations.accepting_trial import (
    Objection,
    Trial,
    begin,
    detached,
    form,
    objections,
    proposed,
)
from provisioner.operations.applying import record_known
from provisioner.operations.connection import Connection
from provisioner.operations.keeping import kept_state
from provisioner.operations.observing import Waiting
from provisioner.operations.planning import Planned, Request, make_plan
from provisioner.operations.proving import BROKEN, is_text
from provisioner.operations.rewriting import rewrite
from provisioner.operations.workspace import Workspace
from provisioner.plan import Action, Cause, Change, Difference
from provisioner.resource import ResourceState, unresolve


@dataclass(frozen=True, slots=True)
class Written:
    """A file before and after."""

    name: str
    """Its path in the project."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """What accepting came to."""

    files: tuple[Written, ...]
    fields: Mapping[Address, tuple[str, ...]]
    """What was written, by dotted paths."""
    recorded: tuple[Address, ...]
    """Whose records say by now that what is live was applied."""
    left: Mapping[Address, tuple[str, ...]]
    """What only the manifests have changed: the next apply brings it."""
    others: Mapping[Address, tuple[str, ...]]
    """What was edited, too, and nobody asked for."""
    warnings: tuple[Diagnostic, ...]


def accept(
    workspace: Workspace, connection: Connection, asked: Sequence[str], waiting: Waiting
) -> Accepted:
    """Write what was edited at ADDRESS[.FIELD]… into the manifests, and record it as applied.

    The caller holds the lock. Nothing is sent, and nothing is written unless all of it can be:
    raises PlanError with everything that stands in the way.
    """
    fields = _by_address(asked)
    planned = make_plan(workspace, connection, Request(targets=tuple(fields)), waiting)
    run = _Accepting(workspace, planned)
    chosen = [each for each in planned.plan.changes if str(each.address) in fields]
    for change in chosen:
        if not change.deposed:
            run.take(change, fields[str(change.address)])
    if run.problems:
        raise PlanError(*run.problems)
    files = run.write()
    return Accepted(
        files,
        {address: tuple(each) for address, each in run.fields.items()},
        run.record(chosen),
        {address: tuple(each) for address, each in run.left.items()},
        {address: tuple(each) for address, each in run.others.items()},
        tuple(run.warnings),
    )


def _by_address(asked: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Sort dotted paths by their addresses, whose names have no dots; "" is everything."""
    found: dict[str, list[str]] = {}
    for each in asked:
        kind, _, rest = each.partition(".")
        name, _, path = rest.partition(".")
        found.setdefault(f"{kind}.{name}" if rest else kind, []).append(path)
    return found


@dataclass
class _Accepting:
    """One run of it; lives no longer than that."""

    workspace: Workspace
    planned: Planned
    problems: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)
    fields: dict[Address, list[str]] = field(default_factory=dict)
    left: dict[Address, list[str]] = field(default_factory=dict)
    others: dict[Address, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ids = {each.id: address for address, each in self._recorded.items()}
        project, name = self.workspace.project, self.workspace.environment.name
        self.trial = begin(project, name, ids)
        created = {e.address for e in self.planned.plan.changes if e.action is Action.CREATE}
        self.gone = {id_: address for id_, address in ids.items() if address in created}

    @property
    def _recorded(self) -> Mapping[Address, ResourceState]:
        return self.planned.observation.state.resources

    def take(self, change: Change, fields: Sequence[str]) -> None:
        """Place what was edited at these paths of an object, or below them.

        What can't be placed becomes a problem.
        """
        state = self._recorded.get(change.address)
        problem = _refused(change, state)
        if problem:
            self.problems.append(problem)
            return
        applied = unresolve(state.attributes, self.gone) if state else None
        for edit in in_order(edits(change, applied)):
            path = ".".join(map(str, edit.path))
            if not any(not each or f"{path}.".startswith(f"{each}.") for each in fields):
                if edit.cause is not Cause.YOU:
                    self.others.setdefault(change.address, []).append(path)
            elif edit.cause is Cause.YOU:
                self.left.setdefault(change.address, []).append(path)
            elif problem := self._placed(change.address, edit):
                self.problems.append(problem)
            else:
                self.fields.setdefault(change.address, []).append(path)

    def _placed(self, address: Address, edit: Difference) -> Diagnostic | None:
        """Write one edit into the trial; say what stands in the way."""
        if is_sensitive(edit):
            return hidden(address, edit, self._position(address))
        if not is_text(edit.before):
            return unplaceable(address, edit, self._position(address), [BROKEN])
        if edit.cause is Cause.BOTH:
            return conflicting(address, edit, self._position(address))
        against: list[Objection] = []
        where: Position | None = None
        try:
            for proposal in proposals(self.trial.ground, address, edit):
                where = where or proposal.position
                if proposal.is_patch and not all(each.is_elsewhere for each in against):
                    continue
                found = self._tried(address, edit, proposal)
                if found:
                    against.extend(found)
                    continue
                if proposal.is_patch:
                    self.warnings.append(_patched(self.trial, address, edit, against))
                return None
        except ObstacleError as trouble:
            where = where or trouble.position
            against.append(Objection(str(trouble)))
        reasons = [each.why for each in against]
        return unplaceable(address, edit, where or self._position(address), reasons)

    def _tried(self, address: Address, edit: Difference, proposal: Proposal) -> list[Objection]:
        """Take a proposal if nothing speaks against it; else tell what does."""
        try:
            trial = proposed(self.trial, proposal)
        except Unplaceable as trouble:
            return [Objection(str(trouble))]
        except ManifestError as trouble:
            return [Objection(each.detail) for each in trouble.diagnostics]
        found = list(objections(self.trial, trial, address, edit))
        if not found:
            self.warnings.extend(map(_detached, detached(self.trial, trial)))
            self.trial = trial
        return found

    def _position(self, address: Address) -> Position | None:
        return self.workspace.resources[address].origin

    def write(self) -> tuple[Written, ...]:
        """Rewrite the files, all or none."""
        folder = self.workspace.project.folder
        try:
            rewrite(folder, self.trial.read, self.trial.texts)
        except OSError as trouble:
            raise unwritable(trouble) from trouble
        return tuple(
            Written(name, self.trial.read[name], text) for name, text in self.trial.texts.items()
        )

    def record(self, chosen: Sequence[Change]) -> tuple[Address, ...]:
        """Record as applied what manifests and service agree on by now."""
        changed = [each for change in chosen if (each := self._agreed(change))]
        if changed:
            project, environment = self.workspace.project, self.workspace.environment
            local = kept_state(project, environment)
            recorder = local.open(self.planned.recorded, self.planned.observation.as_read)
            try:
                record_known(recorder, self.planned.observation.settlement)
                for each in changed:
                    recorder.record(each)
            finally:
                recorder.close()
        return tuple(each.address for each in changed)

    def _agreed(self, change: Change) -> ResourceState | None:
        state = self._recorded.get(change.address)
        if state is None or change.deposed or change.address not in self.trial.ground.resources:
            return None
        kind = KINDS[change.address.kind]
        declared = kind.unkeyed_form(form(self.trial.ground, change.address))
        now = baseline(state, change.before or {}, declared)
        if now is state:
            return None
        uses = self.trial.ground.ids
        used = {uses[str(each)] for each in kind.references(now.attributes) if str(each) in uses}
        return replace(now, depends_on=tuple(sorted(used)))


def _refused(change: Change, state: ResourceState | None) -> Diagnostic | None:
    """Say why nothing of a change can be accepted."""
    if change.action in (Action.DELETE, Action.FORGET):
        return unknown_to_manifests(change)
    if change.action is Action.CREATE and state:
        return gone(change)
    if state is None or change.previous_address or change.importing:
        return unrecorded(change)
    return None


def _patched(
    trial: Trial, address: Address, edit: Difference, against: Iterable[Objection]
) -> Diagnostic:
    name = trial.ground.environment.name
    path = ".".join(map(str, edit.path))
    why = "; ".join(each.why for each in against) or _DEFAULTED
    return warning(
        "P120",
        "Edit is accepted for one environment",
        f"{address}.{path} stands in a patch of {name} now. Written where it was, {why}."
        " To have it everywhere, change it there.",
        address=address,
    )


_DEFAULTED = "it would come back: a document can't take out what a default adds"


def _detached(address: Address) -> Diagnostic:
    return warning(
        "P121",
        "File is attached nowhere any more",
        f"{address} was attached by nothing else, so the next apply deletes it. To keep it,"
        " declare it in a File document.",
        address=address,
    )
