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
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "nlp").rglob("*.md")])


def broken_links(page: Path) -> list[str]:
    """Relative links of a page that lead to no file."""
    targets = [t for t in LINK.findall(page.read_text()) if not t.startswith(("http:", "https:", "mailto:"))]
    return [f"{page.relative_to(ROOT)}: link to {t} leads nowhere" for t in targets if not (page.parent / t).exists()]


def undocumented_settings() -> list[str]:
    """Settings that docs/settings.md doesn't name, or names and no longer exist."""
    text = (ROOT / "docs/settings.md").read_text()
    named = set(re.findall(r"^\| `(\w+)`", text, re.M))
    real = set(Settings.model_fields)
    return [f"docs/settings.md: setting {name} is missing" for name in sorted(real - named)] + [
        f"docs/settings.md: setting {name} doesn't exist" for name in sorted(named - real)
    ]


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
