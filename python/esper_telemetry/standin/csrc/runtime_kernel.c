/* Kernels of the runtime: registered by name, launched without effect; and the driver's functions, by name. */
#include "standin.h"
#include "cuda_abi.h"
#include <dlfcn.h>

void *st_own_symbol(const char *name) {
    static void *self;
    if (!self) {
        Dl_info i;
        if (dladdr((void *)st_own_symbol, &i)) self = dlopen(i.dli_fname, RTLD_NOW | RTLD_NOLOAD);
    }
    return self ? dlsym(self, name) : NULL;
}

#pragma GCC visibility push(default)
struct call { struct dim3 grid, block; size_t shared_bytes; stream_t stream; };
static __thread struct call pushed[16];            /* <<<…>>> of this thread, innermost last */
static __thread int depth;

void **__cudaRegisterFatBinary(void *binary) {
    struct st_binary *made = calloc(1, sizeof *made);
    if (made) st_binary_read(made, binary);
    return (void **)made;
}
void __cudaRegisterFatBinaryEnd(void **handle) { (void)handle; }
void __cudaUnregisterFatBinary(void **handle) { (void)handle; }
char __cudaInitModule(void **handle) { (void)handle; return 1; }
void __cudaRegisterFunction(void **handle, const char *function, char *device, const char *name, int limit, void *a, void *b, void *c, void *d, int *e) {
    (void)device, (void)limit, (void)a, (void)b, (void)c, (void)d, (void)e;
    st_kernel_register(function, name, (struct st_binary *)handle);
}
void __cudaRegisterVar(void **handle, char *v, char *a, const char *n, int ext, size_t s, int c, int g) {
    (void)handle, (void)v, (void)a, (void)n, (void)ext, (void)s, (void)c, (void)g;
}
unsigned __cudaPushCallConfiguration(struct dim3 grid, struct dim3 block, size_t shared_bytes, stream_t s) {
    if (depth < 16) pushed[depth++] = (struct call){ grid, block, shared_bytes, s };
    return 0;
}
result __cudaPopCallConfiguration(struct dim3 *grid, struct dim3 *block, size_t *shared_bytes, void *s) {
    if (!depth) return INVALID_VALUE;
    struct call c = pushed[--depth];
    *grid = c.grid, *block = c.block, *shared_bytes = c.shared_bytes, *(stream_t *)s = c.stream;
    return OK;
}
static result launch(const void *f, void **arguments) {
    if (st_is_bad_fork()) return st_error(NOT_INITIALIZED);
    st_kernel_launched(f, arguments);
    return OK;
}
result cudaLaunchKernel(const void *f, struct dim3 g, struct dim3 b, void **a, size_t n, stream_t s) { (void)g, (void)b, (void)n, (void)s; return launch(f, a); }
result cudaLaunchCooperativeKernel(const void *f, struct dim3 g, struct dim3 b, void **a, size_t n, stream_t s) { (void)g, (void)b, (void)n, (void)s; return launch(f, a); }
result cudaLaunchKernelExC(const struct launch_config *c, const void *f, void **a) { (void)c; return launch(f, a); }
/* CUDA 13 launches through these two. */
result __cudaGetKernel(void **kernel, const void *f) { *kernel = (void *)f; return OK; }
result __cudaLaunchKernel(void *kernel, struct dim3 g, struct dim3 b, void **a, size_t n, stream_t s) { (void)g, (void)b, (void)n, (void)s; return launch(kernel, a); }

result cudaFuncGetAttributes(struct function_attributes *a, const void *f) {
    if (st_ready()) return st_ready();
    memset(a, 0, sizeof *a);
    a->threads_per_block = 1024;
    a->registers = 32;
    if (st_kernel_architecture(f, &a->binary_version, &a->ptx_version)) return st_error(NO_KERNEL_IMAGE);
    a->dynamic_shared_bytes = 99 << 10;
    return OK;
}
result cudaFuncSetAttribute(const void *f, int attribute, int v) { (void)f, (void)attribute, (void)v; return OK; }
result cudaFuncSetCacheConfig(const void *f, int c) { (void)f, (void)c; return OK; }
result cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *n, const void *f, int block, size_t shared_bytes, unsigned flags) {
    (void)f, (void)shared_bytes, (void)flags;
    *n = block > 768 ? 1 : 2;
    return OK;
}
result cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *n, const void *f, int block, size_t shared_bytes) {
    return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(n, f, block, shared_bytes, 0);
}
result cudaProfilerStart(void) { return OK; }
result cudaProfilerStop(void) { return OK; }

/* Every name gets a function: the driver's own, or one that refuses and prints its name once. */
static result entry_point(const char *name, void **f, int *status) {
    if (st_ready()) return st_ready();
    char v2[128];
    snprintf(v2, sizeof v2, "%s_v2", name);
    *f = st_own_symbol(v2);
    if (!*f) *f = st_own_symbol(name);
    if (!*f) *f = st_refusal(name);
    if (status) *status = 0;
    return OK;
}
result cudaGetDriverEntryPointByVersion(const char *name, void **f, unsigned version, unsigned long long flags, int *status) {
    (void)version, (void)flags;
    return entry_point(name, f, status);
}
#if STANDIN_CUDA >= 12000
result cudaGetDriverEntryPoint(const char *name, void **f, unsigned long long flags, int *status) { (void)flags; return entry_point(name, f, status); }
#else
result cudaGetDriverEntryPoint(const char *name, void **f, unsigned long long flags) { (void)flags; return entry_point(name, f, NULL); }
#endif
