"""The `chauban` command: a table of commands, each imported only when it is called.

`chauban verify --help` must not load Django.
"""

import os
from importlib import import_module

import click

# name → (module that holds `command` or the named one, attribute, one line of help)
COMMANDS = {
    "demo": ("chauban.cli.demo", "command", "The demo province of Huế on this machine."),
    "serve": ("chauban.cli.serve", "command", "The web server."),
    "work": ("chauban.cli.work", "command", "The worker: sends, receives, checks what is owed."),
    "scenario": ("chauban.cli.scenario", "command", "A named flow, headless, on real files."),
    "trust": ("chauban.cli.trust", "command", "Whom this installation trusts; whose keys sign."),
    "accounts": ("chauban.cli.accounts", "command", "The first administrator; lost passwords."),
    "directory": ("chauban.cli.directory", "command", "The organisations that the axis lists."),
    "axis": ("chauban.cli.axis", "command", "Neighbouring axes: who they are, what waits."),
    "doctor": ("chauban.cli.examine", "command", "Is this installation sound?"),
    "bench": ("chauban.bench.main", "command", "One benchmark, with its peers in the same run."),
    "sign": ("chauban.cli.files", "sign", "Sign a PDF as its signatory."),
    "seal": ("chauban.cli.files", "seal", "Fill number and date and seal a signed PDF."),
    "verify": ("chauban.cli.files", "verify", "Assess the signatures of files."),
    "axis-check": (
        "chauban.cli.axis_check",
        "command",
        "The vendors' kit: an axis's API, case by case.",
    ),
    "receipt": ("chauban.cli.receipt", "command", "Check signed receipts of hand-overs."),
    "edxml": ("chauban.cli.messages", "command", "Show, check or make an edXML message."),
}
NEEDS_DJANGO = ("work", "accounts", "directory", "axis")


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        if cmd_name in NEEDS_DJANGO:
            enter_server()
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


def enter_server() -> None:
    """Make this process one of the server's, with the settings of its environment."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chauban.config.settings")
    django.setup()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chauban")
def main() -> None:
    """Châu Bản: official documents, drafted, signed, sealed, numbered, exchanged, proved."""


if __name__ == "__main__":
    main()
