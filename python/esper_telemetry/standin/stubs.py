"""C for every entry point of NVIDIA's libraries that PyTorch names; weak, so that a definition in csrc/ takes its place.

Computations do nothing and return success. Where the caller reads an answer (how large a workspace must be, a handle, whether
a factorisation worked) a stub gives one: its arguments are integers or pointers, so only their places count. Calls of the
runtime, the driver and of libraries that move data between devices are refused by name.
"""

from __future__ import annotations

import re
from typing import Dict, Iterable, List, Mapping, Optional, Tuple

#: Names that belong to NVIDIA's libraries.
FAMILY = re.compile(
    r"^(?:(?:__)?cuda|cu[A-Z]|cublas|cudnn|cusolver|cusparse|cufft|curand|cuFile|cupti|nccl|nvrtc|nvtx|nvml|nvJitLink|nvshmem)"
)
#: Libraries' file names, as PyTorch's own name them.
LIBRARY = re.compile(r"^lib(?:cu|nccl|nv).*\.so")

_INT, _SIZE, _LONG, _HANDLE, _PLAN = "int", "size_t", "int64_t", "handle", "plan"
_Output = Tuple[int, str]

#: Which argument (from 0) is an answer, and of what type; the first pattern that fits holds.
_ANSWERS: List[Tuple[str, List[_Output]]] = [
    (r"cusolverDn[SDCZ](potrf|getrf|geqrf)_bufferSize", [(5, _INT)]),
    (r"cusolverDn[SDCZ](orgqr|ungqr|syevd|heevd|syevj|heevj|syevjBatched|heevjBatched)_bufferSize", [(7, _INT)]),
    (r"cusolverDn[SDCZ](ormqr|unmqr)_bufferSize", [(11, _INT)]),
    (r"cusolverDn[SDCZ]sytrf_bufferSize", [(4, _INT)]),
    (r"cusolverDn[SDCZ]gesvd_bufferSize", [(3, _INT)]),
    (r"cusolverDn[SDCZ]gesvdj_bufferSize", [(12, _INT)]),
    (r"cusolverDn[SDCZ]gesvdjBatched_bufferSize", [(11, _INT)]),
    (r"cusolverDn[SDCZ]gesvdaStridedBatched_bufferSize", [(16, _INT)]),
    (r"cusolverDnXpotrf_bufferSize", [(8, _SIZE), (9, _SIZE)]),
    (r"cusolverDnXgeqrf_bufferSize", [(10, _SIZE), (11, _SIZE)]),
    (r"cusolverDnX(syevd|syevBatched|sytrs)_bufferSize", [(11, _SIZE), (12, _SIZE)]),
    (r"cusolverDnXgeev_bufferSize", [(17, _SIZE), (18, _SIZE)]),
    # Whether it worked: a number on the device, which is host memory here.
    (r"cusolverDn[SDCZ](potrf|getrf)", [(7, _INT)]),
    (r"cusolverDn[SDCZ](geqrf|sytrf|potrs)", [(8, _INT)]),
    (r"cusolverDn[SDCZ](orgqr|ungqr|syevd|heevd|syevj|heevj|getrs)", [(9, _INT)]),
    (r"cusolverDn[SDCZ](ormqr|unmqr)", [(13, _INT)]),
    (r"cusolverDn[SDCZ]gesvdj", [(14, _INT)]),
    (r"cusolverDn[SDCZ]gesvd", [(15, _INT)]),
    (r"cusolverDnXpotrs", [(11, _INT)]),
    (r"cusolverDnXpotrf", [(12, _INT)]),
    (r"cusolverDnXgeqrf", [(14, _INT)]),
    (r"cusolverDnX(syevd|sytrs)", [(15, _INT)]),
    (r"cusolverDnXgeev", [(21, _INT)]),
    (r"cusolverDnCreate(GesvdjInfo|Params|SyevjInfo)?", [(0, _HANDLE)]),
    (r"cusparseCreate(Bsrsv2Info|Bsrsm2Info|MatDescr|Coo|Csr|Csc|Bsr|DnMat|DnVec|SpVec)?", [(0, _HANDLE)]),
    (r"cusparseSp(GEMM|SM|SV)_createDescr", [(0, _HANDLE)]),
    (r"cusparse[SDCZ]bsrsv2_bufferSize", [(11, _INT)]),
    (r"cusparse[SDCZ]bsrsm2_bufferSize", [(13, _INT)]),
    (r"cusparse[SDCZ]csrgeam2_bufferSizeExt", [(19, _SIZE)]),
    (r"cusparseXcsrgeam2Nnz", [(13, _INT)]),
    (r"cusparseXc(oo|sr)sort_bufferSizeExt", [(6, _SIZE)]),
    (r"cusparseSp(MV|SV)_bufferSize", [(9, _SIZE)]),
    (r"cusparse(SpMM|SDDMM|SpSM)_bufferSize", [(10, _SIZE)]),
    (r"cusparseSpGEMM_(workEstimation|compute)", [(11, _SIZE)]),
    (r"cusparseSpMatGetSize", [(1, _LONG), (2, _LONG), (3, _LONG)]),
    (r"cufftCreate", [(0, _PLAN)]),
    (r"cufftXtMakePlanMany", [(12, _SIZE)]),
    (r"cusparseLtMatmulGetWorkspace", [(2, _SIZE)]),
    (r"cusparseLtSpMMACompressedSize2", [(2, _SIZE), (3, _SIZE)]),
    (r"cublasLtMatmulAlgoConfigGetAttribute", [(4, _SIZE)]),
]

_TEXTS = re.compile(r"(GetErrorString|GetErrorName|GetLastError|GetStatusString)$")


def stubs(names: Iterable[str], versions: Mapping[str, Tuple[int, ...]], cuda: Tuple[int, int]) -> str:
    """The C file for these names. ``versions``: of NVIDIA's libraries, where PyTorch's metadata holds them."""
    answers = _versions(versions, cuda)
    lines = [
        "/* Written by stubs.py from the undefined symbols of the installed PyTorch. */",
        '#include "standin.h"',
        "#pragma GCC visibility push(default)",
        "#define STUB __attribute__((weak))",
    ]
    for name in sorted(set(names)):
        lines.append(f"STUB {answers[name]}" if name in answers else _stub(name))
    return "\n".join(lines) + "\n"


def _stub(name: str) -> str:
    answers = _answers(name)
    if answers:
        count = max(place for place, _ in answers) + 1
        arguments = ", ".join(f"unsigned long a{i}" for i in range(count))
        unused = " ".join(f"(void)a{i};" for i in range(count))
        body = " ".join(_answer(place, kind) for place, kind in answers)
        return f'STUB int {name}({arguments}) {{ static int once; {unused} {body} return st_without_effect("{name}", &once, 0); }}'
    if _TEXTS.search(name):
        return f'STUB const char *{name}(void) {{ return "stand-in error"; }}'
    refusal = _refusal(name)
    if refusal is not None:
        return f'STUB int {name}(void) {{ static int once; return st_unsupported("{name}", &once, {refusal}); }}'
    return f'STUB int {name}(void) {{ static int once; return st_without_effect("{name}", &once, {_silent(name)}); }}'


def _answers(name: str) -> List[_Output]:
    return next((outputs for pattern, outputs in _ANSWERS if re.fullmatch(pattern, name)), [])


def _answer(place: int, kind: str) -> str:
    if kind == _HANDLE:
        return f"if (a{place}) *(void **)a{place} = calloc(1, 4096);"
    if kind == _PLAN:
        return f"if (a{place}) *(int *)a{place} = 1;"
    return f"if (a{place}) memset((void *)a{place}, 0, sizeof({kind}));"


def _refusal(name: str) -> Optional[int]:
    if re.match(r"(__)?cuda|cu[A-Z](?!.*(?:File|pti))", name) and not name.startswith("cuFile"):
        return 801
    return 3 if name.startswith(("nccl", "nvshmem")) else 5001 if name.startswith("cuFile") else None


def _silent(name: str) -> int:
    """An error for the profiler, which then goes on without records of the device."""
    return 999 if re.match(r"cupti(Activity|Subscribe|Get|Set)", name) else 0


def _versions(built: Mapping[str, Tuple[int, ...]], cuda: Tuple[int, int]) -> Dict[str, str]:
    def of(library: str, usual: Tuple[int, ...]) -> Tuple[int, int, int]:
        first = (*built.get(library, usual), 0, 0, 0)
        return first[0], first[1], first[2]

    dnn, nccl, lt, cublas = (
        of("cudnn", (8 if cuda[0] < 12 else 9, 1)),
        of("nccl", (2, 20)),
        of("cusparselt", (0, 6)),
        of("cublas", cuda),
    )
    dnn_number = dnn[0] * (10000 if dnn[0] >= 9 else 1000) + dnn[1] * 100 + dnn[2]
    runtime = cuda[0] * 1000 + cuda[1] * 10
    return {
        "cudnnGetVersion": f"size_t cudnnGetVersion(void) {{ return {dnn_number}; }}",
        "cudnnGetCudartVersion": f"size_t cudnnGetCudartVersion(void) {{ return {runtime}; }}",
        "cudnnGetProperty": "int cudnnGetProperty(int which, int *v) { static const int version[] = { %d, %d, %d }; "
        "*v = which >= 0 && which < 3 ? version[which] : 0; return 0; }" % dnn,
        "cublasLtGetVersion": f"size_t cublasLtGetVersion(void) {{ return {cublas[0] * 10000 + cublas[1] * 100 + cublas[2]}; }}",
        "nvrtcVersion": f"int nvrtcVersion(int *major, int *minor) {{ *major = {cuda[0]}, *minor = {cuda[1]}; return 0; }}",
        "ncclGetVersion": f"int ncclGetVersion(int *v) {{ *v = {nccl[0] * 10000 + nccl[1] * 100 + nccl[2]}; return 0; }}",
        "cusparseLtGetVersion": f"int cusparseLtGetVersion(void *h, int *v) {{ (void)h; *v = {lt[0] * 1000 + lt[1] * 100 + lt[2]}; return 0; }}",
    }
