"""Several blocs side by side, and as one whose members are those of all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from msgspec.structs import replace

from thidua_analysis.findings import ConfigError
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.config import FILE
from thidua_analysis.messages import text


def within(bloc: Bloc) -> Bloc:
    """Return a bloc whose members have the ids by which several blocs tell them apart."""

    def own(members: Iterable[str]) -> tuple[str, ...]:
        return tuple(f"{bloc.id}.{member}" for member in members)

    every = [member.id for member in bloc.members]
    members = tuple(
        replace(member, id=id_) for member, id_ in zip(bloc.members, own(every), strict=True)
    )
    breaks = tuple(
        replace(one, members=own(one.members or every), where={**one.where, "bloc": (bloc.id,)})
        for one in bloc.breaks
    )
    roles = tuple(
        replace(one, head=own([one.head])[0], deputy=one.deputy and own([one.deputy])[0])
        for one in bloc.roles
    )
    return replace(bloc, members=members, breaks=breaks, roles=roles)


def together(blocs: Collection[Bloc]) -> Bloc:
    """Return several blocs, each as `within`, as one whose members are those of all.

    What decides within a bloc (deadline, points, quotas, roles) stays with each.
    """
    provinces = list(dict.fromkeys(bloc.province for bloc in blocs))
    key = "blocs-of-province" if len(provinces) == 1 else "blocs-of-provinces"
    name = text(key, province=provinces[0], n=len(provinces))
    return Bloc(
        id=name,
        name=name,
        kind=text("blocs-kind"),
        province=", ".join(provinces),
        members=tuple(
            replace(
                member,
                name=f"{member.name} – {bloc.name}",
                short=f"{member.short} – {bloc.label}",
            )
            for bloc in blocs
            for member in bloc.members
        ),
        breaks=tuple(one for bloc in blocs for one in bloc.breaks),
    )


def load_blocs(homes: Iterable[Path]) -> dict[Path, Bloc]:
    """Read the bloc file of each of several blocs; see `load_bloc` and `within`.

    Raises
    ------
    ConfigError
        If a file is wrong, or two blocs have the same id.
    """
    found: dict[Path, Bloc] = {}
    places: dict[str, Path] = {}
    for home in homes:
        bloc = load_bloc(home)
        if (other := places.setdefault(bloc.id, home)) != home:
            files = {"file": str(home / FILE), "other": str(other / FILE)}
            raise ConfigError("bloc-same-id", **files, bloc=bloc.id)
        found[home] = within(bloc)
    return found
