"""The demo's mandate: a real one in form, for a forum on this machine that we made ourselves."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from crawler.mandate import draft

APPLICANT = "D. Applicant (demo)"
OFFICER = "T. Lindqvist (demo)"


def demo_document(forum_url: str, source_id: str, now: datetime) -> dict[str, Any]:
    """A filled-in draft that covers the demo forum for a day, and nothing else."""
    address = urlsplit(forum_url)
    scope = {
        "source_id": source_id,
        "origins": [f"{address.scheme}://{address.netloc}"],
        "paths": ["/"],
        "exclude": ["/download", "/images", "/ucp.php", "/memberlist.php"],
        "route": "direct",
        "private_network": True,
        "login_path": "",
        "account": "",
    }
    return draft(now) | {
        "id": "M-DEMO-1",
        "title": "Demo of Nightlight on its own forum",
        "legal_basis": "None needed: the forum and its posts were made for this demo",
        "grounds": "Show the whole line on one machine",
        "necessity": "The demo has to collect from something",
        "proportionality": "One forum, made by us, on this machine",
        "applicant": APPLICANT,
        "officer": OFFICER,
        "valid_from": (now - timedelta(minutes=1)).isoformat(timespec="seconds"),
        "valid_until": (now + timedelta(days=1)).isoformat(timespec="seconds"),
        "review_by": (now + timedelta(days=1)).isoformat(timespec="seconds"),
        "user_agent": "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0",
        "delay_s": 0,
        "pages_per_day": 10_000,
        "sources": [scope],
    }
