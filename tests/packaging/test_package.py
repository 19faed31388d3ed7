"""The package as others get it: what the wheel holds, how it imports, and which floor imports which."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("bounds", "channels", "experiments", "postprocessing", "proofs", "reports", "states", "sweeps")

# A module imports only what stands on a lower floor, or on its own.
FLOORS = {
    "compiled": 0,
    "errors": 0,
    "enclosure": 0,
    "files": 0,
    "formatting": 0,
    "processes": 0,
    "protocol": 0,
    "solvers": 0,
    "tables": 0,
    "thing": 0,
    "states": 1,
    "channels": 2,
    "experiments": 3,
    "proofs": 4,
    "bounds": 5,
    "postprocessing": 6,
    "sweeps": 6,
    "reports": 7,
}
FLOORS |= {"cli": 8, "__main__": 9, "__init__": 9}


def sources() -> dict[str, list[Path]]:
    """Tracked Python files of each floor."""
    found = {name: sorted((ROOT / name).rglob("*.py")) for name in FOLDERS}
    found |= {path.stem: [path] for path in (ROOT / "src" / "keybounds").glob("*.py")}
    found["cli"] = sorted((ROOT / "src" / "keybounds" / "cli").glob("*.py"))
    return found


def imported_floors(path: Path) -> set[str]:
    """Floors that a module imports; a name that keybounds itself hands on stands on the floor of its home."""
    import keybounds

    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "keybounds":
            modules = [
                f"keybounds.{alias.name}" if alias.name in FLOORS else getattr(keybounds, alias.name).__module__
                for alias in node.names
                if alias.name != "__version__"
            ]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            continue
        names |= {module.split(".")[1] for module in modules if module.startswith("keybounds.")}
    return names


def test_no_floor_imports_a_higher_one() -> None:
    upward = [
        f"{path.relative_to(ROOT)} imports keybounds.{name}"
        for floor, paths in sources().items()
        if not floor.startswith("__")
        for path in paths
        for name in imported_floors(path)
        if FLOORS[name] > FLOORS[floor]
    ]
    assert not upward


def modules() -> dict[str, Path]:
    """Every module of the package by its full name."""
    package = ROOT / "src" / "keybounds"
    found = {}
    for paths in sources().values():
        for path in paths:
            inside = path.relative_to(package if path.is_relative_to(package) else ROOT).with_suffix("")
            found[".".join(("keybounds", *inside.parts)).removesuffix(".__init__")] = path
    return found


def loaded_on_import(body: list[ast.stmt], known: dict[str, Path]) -> set[str]:
    """Modules of the package that statements import when the module that holds them is imported, with their parents."""
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                names.add(inner if inner in known else node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.If):
            typing_only = "TYPE_CHECKING" in ast.unparse(node.test)
            names |= loaded_on_import([*([] if typing_only else node.body), *node.orelse], known)
        elif isinstance(node, (ast.ClassDef, ast.With, ast.Try)):
            names |= loaded_on_import(node.body, known)
    parents = {name.rsplit(".", count)[0] for name in names for count in range(1, name.count(".") + 1)}
    return (names | parents) & set(known)


def test_no_module_imports_itself_by_way_of_others() -> None:
    known = modules()
    graph = {}
    for name, path in known.items():
        own = {name.rsplit(".", count)[0] for count in range(name.count(".") + 1)}  # loaded before the module starts
        graph[name] = loaded_on_import(ast.parse(path.read_text()).body, known) - own
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(reversed(error.args[1])))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Wheel and sdist, built offline."""
    folder = tmp_path_factory.mktemp("a folder with spaces")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return {"wheel": next(folder.glob("*.whl")), "sdist": next(folder.glob("*.tar.gz"))}


def test_wheel_holds_exactly_the_package(built: dict[str, Path]) -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout")
    expected = {f"keybounds/{name}" for name in tracked if name.startswith(tuple(f"{f}/" for f in FOLDERS))}
    links = {f"src/keybounds/{name}" for name in FOLDERS}
    expected |= {
        name.removeprefix("src/") for name in tracked if name.startswith("src/keybounds/") and name not in links
    }
    with zipfile.ZipFile(built["wheel"]) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == expected
    assert "keybounds/py.typed" in names
    assert any(name.startswith("keybounds/experiments/data/") for name in names)


def test_sdist_holds_every_file_once(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as archive:
        names = [name.split("/", 1)[1] for name in archive.getnames()]
    assert len(names) == len(set(names))
    assert not [name for name in names if name.startswith(tuple(f"{folder}/" for folder in FOLDERS))]
    assert {"Makefile", "pyproject.toml", "requirements.lock", "requirements.record.json"} <= set(names)


def test_sdist_builds_the_same_wheel(built: dict[str, Path], tmp_path: Path) -> None:
    with tarfile.open(built["sdist"]) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "out")]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    with zipfile.ZipFile(built["wheel"]) as one, zipfile.ZipFile(next((tmp_path / "out").glob("*.whl"))) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())


def test_wheel_lives_beside_other_packages_called_states_and_channels(built: dict[str, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(built["wheel"]) as wheel:
        wheel.extractall(tmp_path)
    for name in ("states", "channels", "bounds"):
        (tmp_path / f"{name}.py").write_text(f"OWNER = 'user of {name}'\n")
    script = (
        "import states, channels, bounds, keybounds\n"
        "from keybounds.states import PPTPrivateFamily\n"
        "from keybounds.bounds.upper import partial_transpose_bound\n"
        "assert states.OWNER == 'user of states'\n"
        f"assert keybounds.__file__.startswith({str(tmp_path)!r})\n"
        "print(partial_transpose_bound(PPTPrivateFamily(25)).value)\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {[str(tmp_path), *site_packages()]!r}\n{script}"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert float(done.stdout) == pytest.approx(0.1228, abs=1e-4)


def test_every_module_of_the_installed_wheel_imports(built: dict[str, Path], tmp_path: Path) -> None:
    """Outside the repository, where nothing stands beside the package."""
    site = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--isolated", "--no-index", "--no-deps"]
    subprocess.run([*command, "--target", str(site), str(built["wheel"])], check=True, capture_output=True)
    names = sorted(name for name in modules() if not name.endswith("__main__"))
    script = (
        f"import sys, importlib; sys.path[:0] = {[str(site), *site_packages()]!r}\n"
        f"for name in {names!r}:\n"
        f"    assert importlib.import_module(name).__file__.startswith({str(site)!r}), name\n"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def site_packages() -> list[str]:
    """Where the dependencies are; ``-S`` keeps the editable install's own path file from being read."""
    return [path for path in sys.path if path.endswith("site-packages")]


def test_import_is_light() -> None:
    script = (
        "import sys, keybounds\n"
        "heavy = {'numpy', 'scipy', 'qutip', 'sympy', 'matplotlib', 'mpmath', 'cvxpy'} & set(sys.modules)\n"
        "print(sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_public_names_resolve() -> None:
    import keybounds

    for name in keybounds.__all__:
        assert getattr(keybounds, name) is not None
        assert name in dir(keybounds)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        keybounds.nothing  # noqa: B018


def test_every_reference_is_in_the_bibliography() -> None:
    (bibliography,) = {path for folder in (*FOLDERS, "docs") for path in (ROOT / folder).rglob("refs.bib")}
    keys = set(re.findall(r"^@\w+\{(\w+),", bibliography.read_text(), re.MULTILINE))
    cited: dict[str, str] = {}
    for paths in sources().values():
        for path in paths:
            for key in re.findall(r"\b([a-z]+(?:19|20)\d\d)\b", path.read_text()):
                cited.setdefault(key, str(path.relative_to(ROOT)))
    data_sets = {"delft2015", "munich2022", "nist2015", "eth2023"}
    assert not {key: where for key, where in cited.items() if key not in keys | data_sets}


def test_the_lock_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "http" not in lock
    assert "index-url" not in lock


def test_nothing_tracked_names_a_machine_or_a_registry() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    pattern = re.compile(r"/(?:wor[k]|roo[t]|far[m])/|https?://[^ \"]*/(?:simpl[e]|package[s])/")
    found = [
        name for name in tracked if (ROOT / name).is_file() and pattern.search((ROOT / name).read_text(errors="ignore"))
    ]
    assert not found
