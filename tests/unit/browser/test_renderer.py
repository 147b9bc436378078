"""Software or hardware, from the names that renderers really give."""

from __future__ import annotations

import pytest

from tfjsci.browser.renderer import is_software

SOFTWARE = [
    "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)",
    "google swiftshader",
    "ANGLE (Mesa, llvmpipe (LLVM 15.0.6, 256 bits), OpenGL 4.5)",
    "mesa lavapipe llvmpipe",
    "ANGLE (Mesa/X.org, softpipe, OpenGL 3.3)",
    "ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0, D3D11)",
    "microsoft warp",
    "Apple Software Renderer",
]

HARDWARE = [
    "ANGLE (NVIDIA, Vulkan 1.3.277 (NVIDIA Tesla T4 (0x00001EB8)), NVIDIA)",
    "ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)",
    "ANGLE (AMD, AMD Radeon RX 6800 (radeonsi, navi21, LLVM 15.0.7), OpenGL 4.6)",
    "ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)",
    "nvidia turing",
    "intel gen-12lp",
]


@pytest.mark.parametrize("renderer", SOFTWARE)
def test_a_rasteriser_is_software(renderer: str) -> None:
    assert is_software("webgl", renderer)
    assert is_software("webgpu", renderer)


@pytest.mark.parametrize("renderer", HARDWARE)
def test_a_gpu_is_not(renderer: str) -> None:
    assert not is_software("webgl", renderer)
    assert not is_software("webgpu", renderer)


def test_wasm_and_cpu_claim_no_gpu() -> None:
    assert not is_software("wasm", "wasm threaded-simd ×2")
    assert not is_software("cpu", "software")
