"""``nnfs``, ``nnfs-cli`` and ``python -m nnfs_cli``."""

from __future__ import annotations

import gc
import os
import sys

try:
    import nnfs_cli.cli.interrupts as interrupts
    from nnfs_cli.runs.wakeups import wake_for_signals

    interrupts.watch()
except KeyboardInterrupt:
    os.write(2, b"error: interrupted\n")
    os._exit(130)

STREAMS = (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_WRONLY, "w"), ("stderr", os.O_WRONLY, "w"))


def main() -> None:
    """Run the command line and exit with the documented code (see :mod:`nnfs_cli.errors`)."""
    open_closed_streams()
    wake_for_signals()
    gc.set_threshold(20_000)  # importing makes so many objects that stay
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # it would look for some everywhere
    try:
        from nnfs_cli.cli.app import main as run
    except KeyboardInterrupt:
        interrupts.leave(2)
    except (OSError, ImportError) as error:
        os.write(2, f"error: nnfs cannot be loaded: {error}\n".encode("utf-8", "replace"))
        sys.exit(5)
    try:
        run()
    finally:
        gc.freeze()  # or Python ends with a search for cycles among all that was imported


def open_closed_streams() -> None:
    """Let a standard stream that is closed (``>&-``) be /dev/null.

    Else the next file that is opened takes its number, and what is printed goes there.
    """
    for number, (name, flags, mode) in enumerate(STREAMS):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, flags)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)


if __name__ == "__main__":
    main()
