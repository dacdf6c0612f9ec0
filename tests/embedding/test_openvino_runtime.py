import pytest

from embedding.openvino_runtime import safe_precision
from tests.embedding.network import run_without_network

CPU = (
    "processor\t: 0\ncpuid level\t: {level}\nflags\t\t: fpu avx512_bf16 {flags}\n\nprocessor\t: 1\n"
)


@pytest.mark.parametrize(
    ("level", "flags", "asked", "given"),
    [
        (28, "amx_bf16 amx_tile", "auto", "f32"),
        (28, "amx_bf16 amx_tile", "bf16", "bf16"),
        (32, "amx_bf16 amx_tile", "auto", "auto"),
        (28, "", "auto", "auto"),
        ("?", "amx_tile", "auto", "auto"),
    ],
)
def test_amx_without_its_tile_leaf_is_not_used(tmp_path, level, flags, asked, given):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(CPU.format(level=level, flags=flags))
    assert safe_precision(asked, cpuinfo) == given


def test_without_cpuinfo_openvino_chooses(tmp_path):
    assert safe_precision("auto", tmp_path / "none") == "auto"


def test_nothing_is_sent_or_downloaded(tmp_path):
    code = """
import sys
from embedding.bundled import BundledModel
assert "openvino" not in sys.modules and "tokenizers" not in sys.modules
assert BundledModel().query("hello").shape == (384,)
assert "openvino_telemetry" not in sys.modules
"""
    done = run_without_network(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert not done.touched_network, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_guard_would_notice(tmp_path):
    """A plain import of OpenVINO does send; if this ever fails, the switch can go."""
    done = run_without_network("import openvino, time; time.sleep(1)", tmp_path)
    assert done.touched_network
