"""The main script runs the notebooks, and says what went wrong."""

import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest

from mnist_digit_recognizer import NOTEBOOKS, PROJECT, main, use_this_python

pytestmark = pytest.mark.long
PICTURE = """
from IPython.display import display
import matplotlib.pyplot as plt, io
file = io.BytesIO()
plt.figure(figsize=(1, 1)).savefig(file)
display({"image/png": file.getvalue()}, raw=True)
"""
METRICS = """
import json, pathlib, sys
pathlib.Path(results, "metrics.json").write_text(json.dumps({
    "parameters": 1, "epochs": epochs, "seed": seed, "training_pictures": 2,
    "training_seconds": 3.0, "test_accuracy": 0.5, "test_loss": 0.25,
    "python": sys.executable,
}))
"""
PARAMETERS = "seed = 0\nepochs = 2\nresults = ''"
KERNEL = {"name": "python3", "language": "python", "display_name": "Python 3"}


@pytest.fixture
def make(tmp_path):
    """Write small notebooks, given the sources of their cells."""
    def write(*notebooks):
        for number, sources in enumerate(notebooks, start=1):
            cells = [nbformat.v4.new_code_cell(text, metadata={
                "tags": ["parameters"] if text == PARAMETERS else []
            }) for text in sources]
            path = tmp_path / f"{number}_small.ipynb"
            nbformat.write(nbformat.v4.new_notebook(
                cells=cells, metadata={"kernelspec": KERNEL}), path)
            yield path
    return lambda *notebooks: list(write(*notebooks))


def test_a_run_leaves_notebooks_figures_and_metrics(make, tmp_path, capfd):
    paths = make([PICTURE], [PARAMETERS, METRICS])
    out = tmp_path / "out"
    assert main(["--output", str(out), "--seed", "7"], paths) == 0
    printed = capfd.readouterr().out
    assert "50.00% right, loss 0.2500" in printed and "seed 7" in printed
    assert {str(path.relative_to(out)) for path in out.rglob("*.*")} == {
        "1_small.ipynb", "2_small.ipynb", "metrics.json",
        os.path.join("figures", "1_small_cell_1.png")}
    first = json.loads((out / "metrics.json").read_text())
    assert first["seconds"].keys() == {"1_small", "2_small"}
    assert first["seed"] == 7 and first["quick"] is False
    assert main(["--output", str(out), "--only", "2"], paths) == 0
    again = json.loads((out / "metrics.json").read_text())["seconds"]
    assert again["1_small"] == first["seconds"]["1_small"]


def test_kernel_is_the_script_s_python(make, tmp_path, monkeypatch):
    elsewhere = tmp_path / "share"
    kernel = elsewhere / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps(
        KERNEL | {"argv": ["/no/such/python", "{connection_file}"]}))
    monkeypatch.setenv("JUPYTER_PATH", str(elsewhere))
    out = tmp_path / "out"
    for _ in "ab":  # the second time in this process, too
        use_this_python()
        folders = os.environ["JUPYTER_PATH"].split(os.pathsep)
        assert len(folders) == 2 and folders[1] == str(elsewhere)
        assert os.path.isdir(folders[0])
    assert main(["--output", str(out)], make([PARAMETERS, METRICS])) == 0
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["python"] == sys.executable


def test_a_failing_cell_is_named_and_all_else_kept(make, tmp_path, capfd):
    paths = make([PARAMETERS, "print('fine')", "1 / 0", "print('never')"],
                 ["print(2)"])
    out = tmp_path / "out"
    assert main(["--output", str(out), "--seed", "3"], paths) == 1
    said = capfd.readouterr().err
    assert "1_small.ipynb, cell 3 failed: ZeroDivisionError: division" in said
    kept = nbformat.read(out / "1_small.ipynb", as_version=4)
    assert "fine" in str(kept.cells) and "never\\n" not in str(kept.cells)
    assert (out / "2_small.ipynb").exists()


@pytest.mark.parametrize("arguments, cells, code, said", [
    ([], ["import os; os._exit(1)"], 1, "1_small.ipynb, the kernel died"),
    (["--seed", "1"], ["1"], 2, "takes the parameter seed"),
    (["--output", __file__], ["1"], 2, "with --output")])
def test_what_cannot_be_executed_is_told_in_a_sentence(
        make, tmp_path, capfd, arguments, cells, code, said):
    out = tmp_path / "out"
    assert main(["--output", str(out), *arguments], make(cells)) == code
    told = capfd.readouterr().err
    assert said in told and "Traceback" not in told


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to send there")
def test_ctrl_c_stops_the_kernel_too(make, tmp_path):
    started = tmp_path / "started"
    (path,) = make([
        f"import os, time; open({str(started)!r}, 'w').write("
        "str(os.getpid())); time.sleep(60)"])
    code = ("import mnist_digit_recognizer as script, pathlib; script.start("
            f"['--output', {str(tmp_path / 'out')!r}], "
            f"[pathlib.Path({str(path)!r})])")
    run = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, text=True,
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
        # A run in the background ignores Ctrl-C, and so would this one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    for _ in range(1200):
        if started.exists() and started.read_text():
            break
        time.sleep(0.1)
    kernel = psutil.Process(int(started.read_text()))
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "Stopped" in said and "Traceback" not in said
    kernel.wait(timeout=10)


@pytest.mark.slow
def test_quick_run_of_the_real_notebooks_from_another_folder(tmp_path):
    out = tmp_path / "results"
    done = subprocess.run(
        [sys.executable, str(PROJECT / "mnist_digit_recognizer.py"),
         "--quick", "--output", str(out)],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": ""}, text=True,
        capture_output=True, timeout=900)
    assert done.returncode == 0, done.stderr
    assert "its figures mean nothing" in done.stdout
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["quick"] and metrics["epochs"] == 2
    assert set(metrics["seconds"]) == {path.stem for path in NOTEBOOKS}
    assert (out / "digit_recognizer.keras").stat().st_size > 100_000
    assert len(list((out / "figures").glob("*.png"))) > 20
    assert "Traceback" not in done.stderr and "WARNING" not in done.stderr
