/* The driver's calls that PyTorch, its compilers and the client ask for: devices, contexts, memory, modules. */
#include "standin.h"
#include "cuda_abi.h"
#pragma GCC visibility push(default)

typedef void *context_t, *module_t, *function_t;

static context_t context_handle(int ordinal) { return (context_t)(uint64_t)(0x9000 + ordinal); }
static int is_device(int d) { return d >= 0 && d < st_settings.visible; }

result cuInit(unsigned f) { (void)f; return st_start() || !st_settings.visible ? NO_DEVICE : st_is_bad_fork() ? NOT_INITIALIZED : OK; }
result cuDriverGetVersion(int *v) { *v = STANDIN_CUDA; return OK; }
result cuDeviceGetCount(int *n) { *n = st_start() ? 0 : st_settings.visible; return OK; }
result cuDeviceGet(int *d, int ordinal) { *d = ordinal; return st_start() || !is_device(ordinal) ? INVALID_DEVICE : OK; }
result cuDeviceGetName(char *s, int room, int d) { snprintf(s, room, "%s", st_settings.name); return is_device(d) ? OK : INVALID_DEVICE; }
result cuDeviceTotalMem_v2(size_t *n, int d) {
    if (st_start() || !is_device(d)) return INVALID_DEVICE;
    *n = st_settings.memory[st_host_device(d)];
    return OK;
}
result cuDeviceGetAttribute(int *v, int attribute, int d) {
    if (st_start() || !is_device(d)) return INVALID_DEVICE;
    *v = st_attribute(attribute, d);
    return OK;
}
result cuDeviceGetUuid(unsigned char *out, int d) {
    if (st_start() || !is_device(d)) return INVALID_DEVICE;
    st_uuid(st_host_device(d), out);
    return OK;
}
result cuDeviceGetUuid_v2(unsigned char *out, int d) { return cuDeviceGetUuid(out, d); }
result cuDeviceGetPCIBusId(char *s, int room, int d) {
    char pci[32];
    if (st_start() || !is_device(d)) return INVALID_DEVICE;
    st_pci(st_host_device(d), pci, sizeof pci);
    snprintf(s, room, "%s", pci + 4);
    return OK;
}
/* PyTorch asks before it goes back to a device, so that it makes no context on one that the program does not use. */
result cuDevicePrimaryCtxGetState(int d, unsigned *flags, int *active) {
    if (st_start() || !is_device(d)) return INVALID_DEVICE;
    *flags = 0;
    *active = st_has_context(st_host_device(d));
    return OK;
}
result cuDevicePrimaryCtxRetain(context_t *c, int d) { *c = context_handle(d); return OK; }
result cuDevicePrimaryCtxRelease_v2(int d) { (void)d; return OK; }
result cuCtxGetCurrent(context_t *c) { *c = context_handle(st_current); return OK; }
result cuCtxSetCurrent(context_t c) {
    uint64_t d = (uint64_t)c - 0x9000;
    if (d < ST_DEVICES && is_device((int)d)) st_current = (int)d;
    return OK;
}
result cuCtxPushCurrent_v2(context_t c) { (void)c; return OK; }
result cuCtxPushCurrent(context_t c) { (void)c; return OK; }
result cuCtxPopCurrent_v2(context_t *c) { if (c) *c = context_handle(st_current); return OK; }
result cuCtxPopCurrent(context_t *c) { return cuCtxPopCurrent_v2(c); }
result cuCtxGetDevice(int *d) { *d = st_current; return OK; }
result cuCtxSynchronize(void) { return OK; }
result cuCtxGetLimit(size_t *v, int limit) { (void)limit; *v = 1024; return OK; }
result cuCtxSetLimit(int limit, size_t v) { (void)limit, (void)v; return OK; }
result cuGetErrorString(result e, const char **s) { *s = st_error_text(e); return OK; }
result cuGetErrorName(result e, const char **s) { *s = e ? st_error_name(e) : "CUDA_SUCCESS"; return OK; }
result cuLogsRegisterCallback(void *callback, void *data, void **handle) { (void)callback, (void)data; *handle = NULL; return OK; }
result cuLogsUnregisterCallback(void *handle) { (void)handle; return OK; }

result cuMemGetInfo_v2(size_t *free_bytes, size_t *total_bytes) {
    uint64_t f, t;
    if (st_start()) return NO_DEVICE;
    st_memory(st_host_device(st_current), &f, &t);
    *free_bytes = f, *total_bytes = t;
    return OK;
}
result cuMemAlloc_v2(device_ptr *p, size_t n) {
    if (st_ready()) return NOT_INITIALIZED;
    *p = (device_ptr)st_malloc(st_host_device(st_current), n);
    return *p ? OK : OUT_OF_MEMORY;
}
result cuMemFree_v2(device_ptr p) { return st_free((void *)p) ? INVALID_VALUE : OK; }
result cuMemcpyDtoH_v2(void *d, device_ptr s, size_t n) { st_copy(d, (void *)s, n); return OK; }
result cuMemcpyHtoD_v2(device_ptr d, const void *s, size_t n) { st_copy((void *)d, s, n); return OK; }
result cuMemcpyDtoHAsync_v2(void *d, device_ptr s, size_t n, stream_t st) { (void)st; return cuMemcpyDtoH_v2(d, s, n); }
result cuMemcpyHtoDAsync_v2(device_ptr d, const void *s, size_t n, stream_t st) { (void)st; return cuMemcpyHtoD_v2(d, s, n); }
result cuMemcpyAsync(device_ptr d, device_ptr s, size_t n, stream_t st) { (void)st; st_copy((void *)d, (void *)s, n); return OK; }
result cuMemsetD8Async(device_ptr p, unsigned char v, size_t n, stream_t s) { (void)s; st_fill((void *)p, v, n); return OK; }
result cuMemsetD32Async(device_ptr p, unsigned v, size_t n, stream_t s) { (void)s; st_fill32((void *)p, v, n); return OK; }
result cuStreamWriteValue32_v2(stream_t s, device_ptr p, uint32_t v, unsigned f) {
    (void)s, (void)f;
    if (st_is_device((void *)p)) memcpy((void *)p, &v, sizeof v);
    return OK;
}
result cuStreamWriteValue32(stream_t s, device_ptr p, uint32_t v, unsigned f) { return cuStreamWriteValue32_v2(s, p, v, f); }
result cuMemGetAddressRange_v2(device_ptr *base, size_t *n, device_ptr p) {
    struct st_range r;
    if (!st_find((void *)p, &r)) return NOT_FOUND;
    if (base) *base = r.base;
    if (n) *n = r.size;
    return OK;
}
result cuMemGetAddressRange(device_ptr *base, size_t *n, device_ptr p) { return cuMemGetAddressRange_v2(base, n, p); }
enum { POINTER_MEMORY_TYPE = 2, POINTER_DEVICE = 3, POINTER_BUFFER_ID = 7 };
result cuPointerGetAttribute(void *out, int attribute, device_ptr p) {
    struct st_range r;
    uint64_t id;
    unsigned type;
    switch (attribute) {
    case POINTER_DEVICE:
        memcpy(out, &p, sizeof p);
        return st_is_device((void *)p) || st_is_pinned((void *)p) ? OK : INVALID_VALUE;
    case POINTER_MEMORY_TYPE:
        type = st_is_device((void *)p) ? 2 : 1;
        memcpy(out, &type, sizeof type);
        return OK;
    case POINTER_BUFFER_ID:
        id = st_find((void *)p, &r) ? r.base : 0;
        memcpy(out, &id, sizeof id);
        return OK;
    default: memset(out, 0, 4); return OK;
    }
}

/* Modules of NVRTC and Triton: accepted, never run. */
result cuModuleLoadData(module_t *m, const void *image) { (void)image; *m = calloc(1, 8); return *m ? OK : OUT_OF_MEMORY; }
result cuModuleLoadDataEx(module_t *m, const void *image, unsigned n, void *options, void **values) { (void)n, (void)options, (void)values; return cuModuleLoadData(m, image); }
result cuModuleLoad(module_t *m, const char *path) { return cuModuleLoadData(m, path); }
result cuModuleUnload(module_t m) { free(m); return OK; }
result cuModuleGetFunction(function_t *f, module_t m, const char *name) {
    (void)m;
    *f = strdup(name);
    st_kernel_register(*f, *f, NULL);
    return OK;
}
result cuFuncGetAttribute(int *v, int attribute, function_t f) {
    (void)f;
    *v = attribute == 0 ? 1024 : attribute == 4 ? 32 : 0;   /* threads per block, registers */
    return OK;
}
result cuFuncSetAttribute(function_t f, int attribute, int v) { (void)f, (void)attribute, (void)v; return OK; }
result cuFuncSetCacheConfig(function_t f, int c) { (void)f, (void)c; return OK; }
result cuLaunchKernel(function_t f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned n, stream_t s, void **a, void **e) {
    (void)gx, (void)gy, (void)gz, (void)bx, (void)by, (void)bz, (void)n, (void)s, (void)e;
    st_kernel_launched(f, a);
    return OK;
}
result cuLaunchCooperativeKernel(function_t f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned n, stream_t s, void **a) {
    return cuLaunchKernel(f, gx, gy, gz, bx, by, bz, n, s, a, NULL);
}
result cuLaunchKernelEx(const void *config, function_t f, void **a, void **e) { (void)config, (void)e; st_kernel_launched(f, a); return OK; }
result cuOccupancyMaxActiveBlocksPerMultiprocessor(int *n, function_t f, int block, size_t shared_bytes) { (void)f, (void)block, (void)shared_bytes; *n = 2; return OK; }
result cuOccupancyMaxActiveClusters(int *n, function_t f, const void *config) { (void)f, (void)config; *n = 8; return OK; }
result cuStreamSynchronize(stream_t s) { (void)s; return OK; }
result cuStreamIsCapturing(stream_t s, int *status) { *status = st_capture_of(s) ? 1 : 0; return OK; }
result cuTensorMapEncodeTiled(void *map) { memset(map, 0, 128); return OK; }

result cuGetProcAddress_v2(const char *name, void **f, int version, uint64_t flags, int *status) {
    char v2[128];
    (void)version, (void)flags;
    snprintf(v2, sizeof v2, "%s_v2", name);
    *f = st_own_symbol(v2);
    if (!*f) *f = st_own_symbol(name);
    if (!*f) *f = st_refusal(name);
    if (status) *status = 0;
    return OK;
}
result cuGetProcAddress(const char *name, void **f, int version, uint64_t flags) { return cuGetProcAddress_v2(name, f, version, flags, NULL); }
/* A real NVRTC asks for this one when it finds a libcuda, and crashes where it gets a table that is not the driver's. */
result cuGetExportTable(const void **table, const void *id) { (void)id; *table = NULL; return NOT_SUPPORTED; }
