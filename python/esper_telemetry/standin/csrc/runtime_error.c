/* Errors of the runtime, by name and text as CUDA's. */
#include "standin.h"
#include "cuda_abi.h"

static __thread result last;

result st_error(result e) { return last = e; }

result st_ready(void) {
    if (st_start()) return st_error(NO_DEVICE);
    if (st_is_bad_fork()) return st_error(NOT_INITIALIZED);
    return OK;
}

static const struct { int number; const char *name, *text; } known[] = {
    { OK, "Success", "no error" },
    { INVALID_VALUE, "ErrorInvalidValue", "invalid argument" },
    { OUT_OF_MEMORY, "ErrorMemoryAllocation", "out of memory" },
    { NOT_INITIALIZED, "ErrorInitializationError", "initialization error" },
    { NO_DEVICE, "ErrorNoDevice", "no CUDA-capable device is detected" },
    { INVALID_DEVICE, "ErrorInvalidDevice", "invalid device ordinal" },
    { NO_KERNEL_IMAGE, "ErrorNoKernelImageForDevice", "no kernel image is available for execution on the device" },
    { INVALID_HANDLE, "ErrorInvalidResourceHandle", "invalid resource handle" },
    { NOT_FOUND, "ErrorSymbolNotFound", "named symbol not found" },
    { NOT_READY, "ErrorNotReady", "device not ready" },
    { PEER_ALREADY_ENABLED, "ErrorPeerAccessAlreadyEnabled", "peer access is already enabled" },
    { ALREADY_REGISTERED, "ErrorHostMemoryAlreadyRegistered", "part or all of the requested memory range is already mapped" },
    { NOT_REGISTERED, "ErrorHostMemoryNotRegistered", "pointer does not correspond to a registered memory region" },
    { NOT_SUPPORTED, "ErrorNotSupported", "operation not supported" },
    { CAPTURE_UNMATCHED, "ErrorStreamCaptureUnmatched", "the capture was not initiated in this stream" },
};

const char *st_error_text(result e) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) if (known[i].number == e) return known[i].text;
    return "unrecognized error code";
}
const char *st_error_name(result e) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) if (known[i].number == e) return known[i].name;
    return "ErrorUnknown";
}

#pragma GCC visibility push(default)
result cudaGetLastError(void) { result e = last; last = OK; return e; }
result cudaPeekAtLastError(void) { return last; }
const char *cudaGetErrorString(result e) { return st_error_text(e); }
const char *cudaGetErrorName(result e) {
    static __thread char name[64];
    snprintf(name, sizeof name, "cuda%s", st_error_name(e));
    return name;
}
