"""Which files of the policy and form folders are in force: a later folder adds files or replaces their namesakes.

Owns: which names a folder may hold, what replaces what, and the fingerprint. Does not read YAML.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from broker.catalogue.found import one_of, show
from broker.catalogue.mistakes import Mistake
from broker.catalogue.yaml_lines import LARGEST_BYTES

_FILES = ("target_groups.yaml", "helpdesk.yaml", "identity_providers.yaml", "passwords.yaml", "retention.yaml")
_FOLDERS = ("applications", "clients")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: `name` is "policies/applications/x.yaml" whatever its folder; `path` is where it was opened."""

    name: str
    path: str
    content: bytes

    @property
    def stem(self) -> str:
        """The file's name without folder and .yaml: the code of an application or form."""
        return PurePosixPath(self.name).stem


@dataclass(frozen=True, slots=True)
class FilesInForce:
    """The files that count, by name; `replaced` has (the new file, the old one)."""

    files: tuple[SourceFile, ...]
    replaced: tuple[tuple[SourceFile, SourceFile], ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over names and contents, in hex."""
        digest = hashlib.sha256()
        for file in self.files:
            for part in (file.name.encode(), file.content):
                digest.update(len(part).to_bytes(8, "big"))
                digest.update(part)
        return digest.hexdigest()


def files_in_force(policies: Sequence[Path], forms: Sequence[Path], mistakes: list[Mistake]) -> FilesInForce:
    """The files of all folders, in order of name; what may not stand there is added to `mistakes`."""
    latest: dict[str, SourceFile] = {}
    replaced: list[tuple[SourceFile, SourceFile]] = []
    for root, folders, allowed in (("policies", policies, _is_policy), ("forms", forms, _is_form)):
        for folder in folders:
            for file in _files_of(root, folder, allowed, mistakes):
                if file.name in latest:
                    replaced.append((file, latest[file.name]))
                latest[file.name] = file
    return FilesInForce(tuple(latest[name] for name in sorted(latest)), tuple(replaced))


def _files_of(
    root: str, folder: Path, allowed: Callable[[PurePosixPath], str | None], mistakes: list[Mistake]
) -> Iterable[SourceFile]:
    for path in _yaml_paths(folder):
        relative = PurePosixPath(path.relative_to(folder).as_posix())
        problem = allowed(relative)
        if problem is not None:
            mistakes.append(Mistake(str(path), 1, "", f"a file named {show(str(relative))}", problem))
            continue
        try:
            with path.open("rb") as stream:
                content = stream.read(LARGEST_BYTES + 1)
        except OSError as error:
            mistakes.append(
                Mistake(str(path), 1, "", f"a file that cannot be read ({error.strerror})", "a readable file")
            )
            continue
        yield SourceFile(f"{root}/{relative}", str(path), content)


def _yaml_paths(folder: Path) -> list[Path]:
    """Every .yaml and .yml file; hidden folders and files (editors, mounted secrets) do not count."""
    found: list[Path] = []
    for parent, children, names in os.walk(folder):
        children[:] = sorted(child for child in children if not child.startswith("."))
        found += [Path(parent, name) for name in names if name.endswith((".yaml", ".yml")) and not name.startswith(".")]
    return sorted(found)


def _is_policy(relative: PurePosixPath) -> str | None:
    if relative.suffix != ".yaml":
        return "a name that ends in .yaml"
    if len(relative.parts) == 2 and relative.parts[0] in _FOLDERS:
        return None
    if str(relative) in _FILES:
        return None
    return one_of([*_FILES, *(f"{folder}/….yaml" for folder in _FOLDERS)])


def _is_form(relative: PurePosixPath) -> str | None:
    if relative.suffix == ".yaml" and len(relative.parts) == 1:
        return None
    return "a file ….yaml in the folder itself"
