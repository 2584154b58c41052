/* The runtime's memory calls: device memory, pinned host memory, copies, fills, what a pointer is. */
#include "standin.h"
#include "cuda_abi.h"
#include <unistd.h>
#pragma GCC visibility push(default)

static int here(void) { return st_host_device(st_current); }

result cudaMalloc(void **p, size_t n) {
    *p = NULL;
    if (st_ready()) return st_ready();
    if (st_context(here())) return st_error(OUT_OF_MEMORY);
    if (!n) return OK;
    *p = st_malloc(here(), n);
    return *p ? OK : st_error(OUT_OF_MEMORY);
}
result cudaMallocManaged(void **p, size_t n, unsigned f) { (void)f; return cudaMalloc(p, n); }
result cudaFree(void *p) {
    if (st_start()) return st_error(NO_DEVICE);
    if (st_is_bad_fork()) return OK;
    if (!p) return st_context(here()) ? st_error(OUT_OF_MEMORY) : OK;   /* cudaFree(0): the usual way to make a context */
    return st_free(p) ? st_error(INVALID_VALUE) : OK;
}
result cudaMemGetInfo(size_t *free_bytes, size_t *total_bytes) {
    uint64_t f, t;
    if (st_ready()) return st_ready();
    if (st_context(here())) return st_error(OUT_OF_MEMORY);
    st_memory(here(), &f, &t);
    *free_bytes = f, *total_bytes = t;
    return OK;
}

result cudaHostAlloc(void **p, size_t n, unsigned f) {
    (void)f;
    if (st_ready()) return st_ready();
    *p = st_pin(n);
    return *p ? OK : st_error(OUT_OF_MEMORY);
}
result cudaMallocHost(void **p, size_t n) { return cudaHostAlloc(p, n, 0); }
result cudaFreeHost(void *p) { return !p || !st_unpin(p) ? OK : st_error(INVALID_VALUE); }
result cudaHostRegister(void *p, size_t n, unsigned f) {
    (void)f;
    if (st_ready()) return st_ready();
    return st_pin_register(p, n) ? st_error(ALREADY_REGISTERED) : OK;
}
result cudaHostUnregister(void *p) { return st_pin_unregister(p) ? st_error(NOT_REGISTERED) : OK; }
result cudaHostGetDevicePointer(void **d, void *h, unsigned f) { (void)f; *d = h; return OK; }
result cudaHostGetFlags(unsigned *f, void *h) { (void)h; *f = 0; return OK; }

result cudaMemcpy(void *d, const void *s, size_t n, int kind) { (void)kind; st_copy(d, s, n); return OK; }
result cudaMemcpyAsync(void *d, const void *s, size_t n, int kind, stream_t st) { (void)kind, (void)st; st_copy(d, s, n); return OK; }
result cudaMemcpyPeerAsync(void *d, int dd, const void *s, int sd, size_t n, stream_t st) { (void)dd, (void)sd, (void)st; st_copy(d, s, n); return OK; }
result cudaMemcpyPeer(void *d, int dd, const void *s, int sd, size_t n) { return cudaMemcpyPeerAsync(d, dd, s, sd, n, NULL); }
result cudaMemcpy2DAsync(void *d, size_t dp, const void *s, size_t sp, size_t width, size_t height, int kind, stream_t st) {
    (void)kind, (void)st;
    for (size_t i = 0; i < height; i++) st_copy((char *)d + i * dp, (const char *)s + i * sp, width);
    return OK;
}
result cudaMemcpy2D(void *d, size_t dp, const void *s, size_t sp, size_t width, size_t height, int kind) {
    return cudaMemcpy2DAsync(d, dp, s, sp, width, height, kind, NULL);
}
result cudaMemset(void *d, int v, size_t n) { st_fill(d, v, n); return OK; }
result cudaMemsetAsync(void *d, int v, size_t n, stream_t s) { (void)s; st_fill(d, v, n); return OK; }
result cudaMemset2DAsync(void *d, size_t pitch, int v, size_t width, size_t height, stream_t s) {
    (void)s;
    for (size_t i = 0; i < height; i++) st_fill((char *)d + i * pitch, v, width);
    return OK;
}
/* Device variables live where their host shadow does: only kernels would read them. */
result cudaGetSymbolAddress(void **p, const void *symbol) { *p = (void *)symbol; return OK; }
result cudaMemcpyToSymbol(const void *y, const void *s, size_t n, size_t o, int kind) { (void)y, (void)s, (void)n, (void)o, (void)kind; return OK; }
result cudaMemcpyToSymbolAsync(const void *y, const void *s, size_t n, size_t o, int kind, stream_t st) { (void)st; return cudaMemcpyToSymbol(y, s, n, o, kind); }

static int ordinal_of(int device) {
    for (int i = 0; i < st_settings.visible; i++) if (st_settings.ordinal[i] == device) return i;
    return st_current;
}
result cudaPointerGetAttributes(struct pointer_attributes *a, const void *p) {
    if (st_ready()) return st_ready();
    struct st_range block;
    memset(a, 0, sizeof *a);
    a->type = MEMORY_UNREGISTERED;
    a->device = -1;
    if (st_is_device(p)) {
        a->type = MEMORY_DEVICE;
        a->device = st_find(p, &block) && block.device >= 0 ? ordinal_of(block.device) : st_current;
        a->device_pointer = (void *)p;
    } else if (st_is_pinned(p)) {
        a->type = MEMORY_HOST;
        a->device = st_current;
        a->device_pointer = a->host_pointer = (void *)p;
    }
    return OK;
}

/* Sharing with another process: the handle carries process and address, and opens in the same process only. */
result cudaIpcGetMemHandle(struct ipc_handle *h, void *p) {
    uint64_t v[2] = { (uint64_t)getpid(), (uint64_t)p };
    memset(h, 0, sizeof *h);
    memcpy(h, v, sizeof v);
    return OK;
}
result cudaIpcOpenMemHandle(void **p, struct ipc_handle h, unsigned f) {
    static int once;
    uint64_t v[2];
    (void)f;
    memcpy(v, &h, sizeof v);
    if (v[0] != (uint64_t)getpid()) return st_error(st_unsupported("cudaIpcOpenMemHandle of another process", &once, NOT_SUPPORTED));
    *p = (void *)v[1];
    return OK;
}
result cudaIpcCloseMemHandle(void *p) { (void)p; return OK; }
