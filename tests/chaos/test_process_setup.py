"""The fork server of a campaign imports the sender once, not each sender process anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ASK_A_CHILD = """
import multiprocessing
from chaos.process_setup import importable_in_fork_server

if __name__ == "__main__":
    with importable_in_fork_server():
        child = multiprocessing.get_context("forkserver").Process(
            target=exec, args=("import sys; sys.exit('chaos.sender_process' not in sys.modules)",)
        )
        child.start()
        child.join()
        raise SystemExit(child.exitcode)
"""


def test_a_child_finds_the_sender_imported_before_it_runs(tmp_path: Path) -> None:
    script = tmp_path / "ask_a_child.py"
    script.write_text(ASK_A_CHILD)
    path = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
    environment = {**os.environ, "PYTHONPATH": path}
    asked = subprocess.run([sys.executable, script], env=environment, timeout=60)
    assert asked.returncode == 0
