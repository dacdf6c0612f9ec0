"""OpenVINO, imported without its telemetry and kept away from instructions that crash it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import openvino

Precision = Literal["auto", "bf16", "f32", "int8"]

_TELEMETRY = "openvino_telemetry"
_AMX_TILE_LEAF = 0x1D


def load_openvino() -> openvino:
    """The `openvino` module, whose import then sends nothing.

    ``import openvino`` imports its model converter, which reports the import to Google
    Analytics without asking (``openvino/tools/ovc/__init__.py`` sends ``general_import`` with
    the opt-in dialog switched off). Its one official switch is a file in the user's home
    directory. The converter falls back to its own stub when the telemetry package is absent,
    so it is made absent while OpenVINO is imported.
    """
    if "openvino" in sys.modules:
        return sys.modules["openvino"]
    hidden = sys.modules.get(_TELEMETRY)
    sys.modules[_TELEMETRY] = None  # type: ignore[assignment]
    try:
        import openvino
    finally:
        if hidden is None:
            del sys.modules[_TELEMETRY]
        else:
            sys.modules[_TELEMETRY] = hidden
    return openvino


def safe_precision(wanted: Precision, cpuinfo: Path = Path("/proc/cpuinfo")) -> Precision:
    """The precision to ask OpenVINO for; ``auto`` leaves the choice to it.

    OpenVINO picks bf16 where the CPU says that it has AMX. Some virtual machines say so but
    hide CPUID leaf 0x1D, which describes the tiles; oneDNN then sets up no tile and the process
    dies of SIGILL at its first ``tilezero``. Linux shows the highest leaf as "cpuid level", so
    there ``auto`` becomes f32. Seen on a Firecracker guest, OpenVINO 2026.4.1.
    """
    if wanted == "auto" and hides_amx_tiles(cpuinfo):
        return "f32"
    return wanted


def hides_amx_tiles(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the CPU offers AMX without the CPUID leaf that is needed to use it."""
    try:
        lines = cpuinfo.read_text().split("\n\n")[0].splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    fields = {key.strip(): value.split() for key, _, value in (x.partition(":") for x in lines)}
    level = fields.get("cpuid level", [])
    if "amx_tile" not in fields.get("flags", []) or not level or not level[0].isdigit():
        return False
    return int(level[0]) < _AMX_TILE_LEAF
