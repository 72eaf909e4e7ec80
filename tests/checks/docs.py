"""Docs checks: links lead somewhere, every setting is documented, nothing names a machine. Exits 1 and says where."""

import re
import sys
from pathlib import Path

from pipeline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
FOREIGN = re.compile(r"/(?:work|home|root)/\w")
"""Paths of somebody's machine."""


def pages() -> list[Path]:
    """Every Markdown page of the project."""
    below = [page for folder in ("deploy", "docs", "nlp") for page in (ROOT / folder).rglob("*.md")]
    return sorted([*ROOT.glob("*.md"), *below])


def broken_links(page: Path) -> list[str]:
    """Relative links of a page that lead to no file."""
    targets = [t for t in LINK.findall(page.read_text()) if not t.startswith(("http:", "https:", "mailto:"))]
    return [f"{page.relative_to(ROOT)}: link to {t} leads nowhere" for t in targets if not (page.parent / t).exists()]


def undocumented_settings() -> list[str]:
    """Where the table of docs/settings.md isn't what the settings are: names, defaults and words."""
    found = re.findall(r"^\| `.*$", (ROOT / "docs/settings.md").read_text(), re.M)
    real = [
        f"| `{name}` | {_shown(field.get_default(call_default_factory=True))} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    missing = [f"docs/settings.md: this row is missing: {row}" for row in real if row not in found]
    return missing + [f"docs/settings.md: no setting is like this: {row}" for row in found if row not in real]


def _shown(default: object) -> str:
    if isinstance(default, tuple):
        return ", ".join(default)
    return {"": "(empty)", "{}": "(none)", "False": "false"}.get(str(default), str(default))


def foreign_paths(page: Path) -> list[str]:
    """Paths that exist on one machine only."""
    return [f"{page.relative_to(ROOT)}: names a path of one machine: {m}" for m in FOREIGN.findall(page.read_text())]


def main() -> int:
    complaints = undocumented_settings()
    for page in pages():
        complaints += broken_links(page) + foreign_paths(page)
    print(f"docs: {len(pages())} pages, {len(complaints)} complaints")  # noqa: T201
    for complaint in complaints:
        print(complaint, file=sys.stderr)  # noqa: T201
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
