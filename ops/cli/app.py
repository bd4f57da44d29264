"""The commands, joined. Each file holds one subject. Rich and the services are imported only by what needs them."""

import typer

from ops.cli import audit, consumers, dead_letters, ingest, people, services, status, tail, tokens, trace

app = typer.Typer(
    name="newsroom",
    help="Operate a Newsroom: put stories in, watch them travel, look after what got stuck.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("ingest")(ingest.ingest)
app.command("replay")(ingest.replay)
app.command("status")(status.status)
app.command("tail")(tail.tail)
app.command("trace")(trace.trace)
app.add_typer(dead_letters.app, name="dlq")
app.add_typer(consumers.app, name="consumers")
app.add_typer(people.app, name="people")
app.add_typer(tokens.app, name="tokens")
app.add_typer(audit.app, name="audit")
app.command("enrichment", context_settings=services.PASSES_ON)(services.enrichment)
app.command("moderation", context_settings=services.PASSES_ON)(services.moderation)
