"""`nightlight mandate`: draft, sign, record, show, revoke."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crawler.keys import load_private_key, new_private_key, private_pem, public_pem
from crawler.mandate import draft, sign, to_json
from pipeline.cli.frame import AsJson, me, opened, read_file, say, show
from pipeline.desk import mandates as desk
from pipeline.errors import BadInput

mandate = typer.Typer(help="Authorizations to collect.", no_args_is_help=True)


@mandate.command("draft")
def draft_(
    file: Annotated[Path, typer.Argument(help="Where to write the draft (JSON).")],
) -> None:
    """Write a draft with every field a mandate needs, to be filled in by the applicant."""
    if file.exists():
        raise BadInput(f"{file} exists already; name a new file")
    file.write_text(json.dumps(draft(datetime.now(UTC)), indent=2, ensure_ascii=False) + "\n")
    say(f"Fill in {file}, then have an officer sign it: nightlight mandate sign {file} --key OFFICER.pem --key-id ID")


@mandate.command("key")
def key(
    file: Annotated[Path, typer.Argument(help="Where to write the private key; the public one goes beside it.")],
) -> None:
    """Make an officer's key pair; run this on the officer's machine, not on this one."""
    if file.exists():
        raise BadInput(f"{file} exists already; name a new file")
    private = new_private_key()
    file.touch(mode=0o600)
    file.write_bytes(private_pem(private))
    public = file.with_suffix(".pub")
    public.write_bytes(public_pem(private.public_key()))
    say(f"Keep {file} with the officer; give {public} to the engineer, who lists it in nightlight.toml.")


@mandate.command("sign")
def sign_(
    file: Annotated[Path, typer.Argument(help="The filled-in draft.")],
    key: Annotated[Path, typer.Option(help="The officer's private key (PEM).")],
    key_id: Annotated[str, typer.Option(help="The key's id in nightlight.toml.")],
) -> None:
    """Sign a draft as the authorizing officer; prints the signed mandate as JSON."""
    try:
        document = json.loads(read_file(file))
    except ValueError as error:
        raise BadInput(f"{file} isn't JSON ({error}); correct it") from error
    try:
        private = load_private_key(read_file(key))
    except ValueError as error:
        raise BadInput(f"{key} isn't an ed25519 private key in PEM form; name the officer's key") from error
    typer.echo(to_json(sign(document, private, key_id)).decode())


@mandate.command("record")
def record(context: typer.Context, file: Annotated[Path, typer.Argument(help="The signed mandate.")]) -> None:
    """Verify a signed mandate and keep it; sources that name it can then be crawled."""
    envelope = read_file(file)
    with opened(context) as app:
        kept = desk.record_mandate(app.record, me(), envelope, app.officers, app.clock.now())
    say(f"Mandate {kept.id} is recorded, in force until {kept.valid_until:%Y-%m-%d %H:%M} UTC.")


@mandate.command("show")
def show_(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every mandate and what it is worth now."""
    with opened(context) as app:
        found = desk.list_mandates(app.record, me(), app.officers, app.clock.now())
    rows = [
        {
            "id": v.row.id,
            "state": v.state,
            "until": v.mandate.valid_until if v.mandate else None,
            "officer": v.mandate.officer if v.mandate else None,
            "sources": ", ".join(s.source_id for s in v.mandate.sources) if v.mandate else None,
            "reason": v.reason,
        }
        for v in found
    ]
    show(rows, as_json, "No mandate is recorded; begin with: nightlight mandate draft FILE")


@mandate.command("revoke")
def revoke(
    context: typer.Context, mandate_id: str, why: Annotated[str, typer.Option(help="The reason, for the log.")]
) -> None:
    """End a mandate at once; running crawls under it stop within seconds."""
    with opened(context) as app:
        desk.revoke_mandate(app.record, me(), mandate_id, why, app.clock.now())
    say(f"Mandate {mandate_id} is revoked.")
